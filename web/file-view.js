// @ts-check
/** The view behind a link to a file that somebody shared. */

import { isGone } from "./api.js";
import { focusText, h, icon } from "./dom.js";
import { startDownload } from "./download.js";
import { isAbort } from "./paged.js";
import { request } from "./session.js";
import { downloadUrl } from "./uploads.js";
import { KINDS, dayInside, explain, size } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/**
 * @param {import("./router.js").Context} context
 * @returns {import("./router.js").View}
 */
export function fileView({ params, signal }) {
  const element = h("div", { class: "page page-narrow" }, h("h1", {}, "Shared file"), h("p", {}, "Loading…"));

  async function load() {
    try {
      const id = encodeURIComponent(params.get("id") ?? "");
      fill(element, await request("GET", `/uploads/${id}`, { signal }));
    } catch (error) {
      if (isAbort(error)) return;
      const words = isGone(error)
        ? "This file is not there, or it is not shared any more. Ask whoever sent you the link."
        : explain(error);
      element.replaceChildren(h("h1", {}, "Shared file"), h("p", { role: "alert" }, words));
    }
  }

  void load();
  return { title: "Shared file", element };
}

/**
 * @param {HTMLElement} element
 * @param {Upload} upload
 */
function fill(element, upload) {
  const problem = h("p", { class: "problem", role: "alert" });
  const heading = h("h1", { class: "filename" }, upload.filename);

  async function download() {
    problem.textContent = "";
    try {
      startDownload(await downloadUrl(upload.id));
    } catch (error) {
      problem.textContent = explain(error);
    }
  }

  element.replaceChildren(
    heading,
    h(
      "p",
      { class: "aside" },
      `${KINDS[upload.content_type] ?? "File"} · ${size(upload.file_size)} · added ${dayInside(upload.created_at)}`,
    ),
    h("button", { class: "button button-primary", onclick: download }, icon("download"), "Download"),
    problem,
  );
  document.title = `${upload.filename} · ReViewPoint`;
  focusText(heading);
}
