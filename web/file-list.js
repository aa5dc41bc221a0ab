// @ts-check
/** The part of the view that lists the uploads. */

import { ask } from "./dialog.js";
import { announce, focusText, h } from "./dom.js";
import { startDownload } from "./download.js";
import { fileRow } from "./file-row.js";
import { onNextFrame, sync } from "./rows.js";
import * as transfers from "./transfers.js";
import { UploadList, downloadUrl } from "./uploads.js";
import { explain, plural, reason } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/**
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the row that had it is gone
 * @returns {{element: HTMLElement, count: HTMLElement}} the list, and how many files there are
 */
export function fileList(signal, heading) {
  const count = h("p", { class: "count" });
  const body = h("tbody", { role: "rowgroup" });
  const table = h(
    "table",
    { class: "files", role: "table", "aria-label": "Your files", hidden: true },
    tableHead(),
    body,
  );
  const message = h("div", { class: "empty" }, h("p", {}, "Loading your files…"));
  const moreButton = h("button", { class: "button", onclick: showMore, hidden: true }, "Show more");
  const problem = h("p", { class: "file-problem", role: "alert" });
  const element = h(
    "section",
    { class: "list", "aria-label": "List of your files" },
    table,
    message,
    h("div", { class: "more" }, moreButton, problem),
  );
  const rows = new Map();
  const list = new UploadList(tell, render, signal);
  let loaded = false;

  function render() {
    const moving = new Set(transfers.current().map(({ uploadId }) => uploadId));
    const items = list.items.filter(({ id }) => !moving.has(id));
    const hidden = list.items.length - items.length;
    sync(
      body,
      rows,
      items,
      ({ id }) => id,
      (upload) => fileRow(upload, { download, remove }, explain),
    );
    table.hidden = !items.length;
    moreButton.hidden = !list.nextCursor;
    count.textContent = countWords(items.length, list.total === null ? null : list.total - hidden);
    if (!loaded) return;
    message.hidden = items.length > 0;
    message.replaceChildren(
      h("p", { class: "empty-title" }, "No files yet"),
      h("p", {}, "What you upload appears here, with the outcome of its checks."),
    );
  }

  async function load() {
    try {
      await list.load();
      loaded = true;
      render();
    } catch (error) {
      if (signal.aborted) return;
      const again = h("button", { class: "button", onclick: load }, "Try again");
      message.replaceChildren(h("p", { role: "alert" }, explain(error)), again);
    }
  }

  async function showMore() {
    const before = body.children.length;
    problem.textContent = "";
    try {
      await list.more();
      announce(`${plural(body.children.length - before, "more file")} shown.`);
      // With the last page the button goes, and would take the focus with it.
      if (moreButton.hidden) focusText(body.children[before]?.querySelector("th"));
    } catch (error) {
      problem.textContent = explain(error);
    }
  }

  /** @param {Upload} upload */
  async function download(upload) {
    startDownload(await downloadUrl(upload.id));
  }

  /** @param {Upload} upload */
  async function remove(upload) {
    const sure = await ask({
      title: "Delete this file?",
      text: `“${upload.filename}” is deleted for good, for you and for everybody it was shared with.`,
      confirm: "Delete",
    });
    if (!sure) return;
    await list.delete(upload.id);
    announce(`${upload.filename} deleted.`);
    focusText(heading);
  }

  transfers.onArrival((upload) => {
    announce(`${upload.filename} is uploaded and being checked.`);
    list.merge(upload);
  }, signal);
  transfers.onChange(onNextFrame(render, signal), signal);
  void load();
  return { element, count };
}

/** @param {Upload} upload */
function tell({ filename, status, reason: code }) {
  if (status === "available") announce(`${filename} is available.`);
  if (status === "rejected") announce(`${filename} was rejected. ${reason(code)}`);
}

/**
 * @param {number} shown
 * @param {number | null} total null beyond what the server counts
 */
function countWords(shown, total) {
  if (!shown) return "";
  if (total === null) return `${shown} of more than 10,000 files`;
  return shown < total ? `${shown} of ${plural(total, "file")}` : plural(total, "file");
}

function tableHead() {
  const columns = ["Name", "Status", "Size", "Added"].map((label) =>
    h("th", { role: "columnheader", scope: "col" }, label),
  );
  const actions = h(
    "th",
    { role: "columnheader", scope: "col" },
    h("span", { class: "visually-hidden" }, "Actions"),
  );
  return h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...columns, actions));
}
