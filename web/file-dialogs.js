// @ts-check
/** The questions about one file: its name, and who may have it. */

import { checkFilename } from "./checks.js";
import { askForm, show } from "./dialog.js";
import { announce, h } from "./dom.js";
import { request } from "./session.js";
import { explain } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/**
 * @param {Upload} upload
 * @param {(changed: Upload) => void} onChanged
 */
export async function rename(upload, onChanged) {
  await askForm({
    title: "Rename this file",
    text: "Downloads carry the new name from now on.",
    submit: "Rename",
    busy: "Renaming…",
    fields: [{ name: "filename", label: "Name", value: upload.filename, check: checkFilename }],
    send: async ({ filename }) => {
      onChanged(await request("PATCH", `/uploads/${upload.id}`, { body: { filename: filename.trim() } }));
      announce(`Renamed to ${filename.trim()}.`);
    },
  });
}

/**
 * @param {Upload} upload
 * @param {(changed: Upload) => void} onChanged
 */
export async function share(upload, onChanged) {
  const toggle = h("input", {
    type: "checkbox",
    role: "switch",
    checked: upload.is_public,
    onchange: save,
  });
  const link = h("input", {
    class: "input",
    id: "share-link",
    readonly: true,
    value: linkTo(upload),
    onfocus: () => link.select(),
  });
  const copied = h("span", { class: "hint", role: "status" });
  const problem = h("p", { class: "problem", role: "alert" });
  const linkField = h(
    "div",
    { class: "field" },
    h("label", { class: "label", for: "share-link" }, "Link"),
    h("p", { class: "hint" }, "Whoever opens it has to log in first."),
    h("div", { class: "joined" }, link, h("button", { class: "button", onclick: copy }, "Copy")),
    copied,
  );

  async function save() {
    problem.textContent = "";
    const wanted = toggle.checked;
    try {
      const changed = await request("PATCH", `/uploads/${upload.id}`, { body: { is_public: wanted } });
      onChanged(changed);
      linkField.hidden = !changed.is_public;
    } catch (error) {
      toggle.checked = !wanted;
      problem.textContent = explain(error);
    }
  }

  async function copy() {
    link.select();
    const done = await navigator.clipboard?.writeText(link.value).then(
      () => true,
      () => false,
    );
    copied.textContent = done ? "Copied." : "Press Ctrl+C or ⌘C to copy the link.";
  }

  linkField.hidden = !upload.is_public;
  await show(
    { title: "Share this file", text: `“${upload.filename}” is private until it is shared.` },
    (close) => [
      h("label", { class: "switch" }, toggle, "Everybody with an account here can download it"),
      problem,
      linkField,
      h("div", { class: "form-end" }, h("button", { class: "button", onclick: () => close("done") }, "Done")),
    ],
  );
}

/** @param {Upload} upload */
function linkTo({ id }) {
  return `${location.origin}${location.pathname}#/file?id=${id}`;
}
