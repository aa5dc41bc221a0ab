// @ts-check
/** The view of one's own files: the place to drop new ones, those on their way, and the list. */

import { ask } from "./dialog.js";
import { announce, focusText, h } from "./dom.js";
import { startDownload } from "./download.js";
import { dropZone } from "./drop-zone.js";
import { fileRow } from "./file-row.js";
import { transferRow } from "./transfer-row.js";
import * as transfers from "./transfers.js";
import { UploadList, downloadUrl } from "./uploads.js";
import { explain, plural, reason } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/**
 * Keeps an element's children in step with a list, and reuses what is there.
 * @template T
 * @template {string | number} K
 * @param {HTMLElement} parent
 * @param {Map<K, {element: HTMLElement, update: (item: T) => void}>} rows
 * @param {readonly T[]} items
 * @param {(item: T) => K} keyOf
 * @param {(item: T) => {element: HTMLElement, update: (item: T) => void}} create
 */
function sync(parent, rows, items, keyOf, create) {
  const wanted = new Set(items.map(keyOf));
  for (const [key, { element }] of rows) {
    if (wanted.has(key)) continue;
    element.remove();
    rows.delete(key);
  }
  items.forEach((item, index) => {
    const key = keyOf(item);
    const row = rows.get(key) ?? create(item);
    if (rows.has(key)) row.update(item);
    rows.set(key, row);
    // Moving an element that is in place already would take the focus from it.
    if (parent.children[index] !== row.element) parent.insertBefore(row.element, parent.children[index] ?? null);
  });
}

/**
 * @param {import("./router.js").Context} context
 * @returns {import("./router.js").View}
 */
export function filesView({ signal }) {
  const heading = h("h1", {}, "Your files");
  const sending = sendingSection(signal, heading);
  const list = listSection(signal, heading);
  const element = h(
    "div",
    { class: "page" },
    h("div", { class: "page-head" }, heading, list.count),
    dropZone(signal),
    sending,
    list.element,
  );
  return { title: "Your files", element };
}

/**
 * The files on their way; not there while there are none.
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the button that had it is gone
 */
function sendingSection(signal, heading) {
  const title = h("h2", { id: "sending" });
  const items = h("ul", { class: "transfers", role: "list" });
  const element = h("section", { class: "card sending", "aria-labelledby": "sending" }, title, items);
  const rows = new Map();
  let frame = 0;

  function render() {
    frame = 0;
    const all = transfers.current();
    const failed = all.filter(({ phase }) => phase === "failed").length;
    const going = all.length - failed;
    element.hidden = !all.length;
    title.textContent = going ? `Uploading ${plural(going, "file")}` : `${plural(failed, "file")} not uploaded`;
    sync(items, rows, all, ({ id }) => id, (transfer) => transferRow(transfer, () => focusText(heading)));
  }

  // Progress comes far more often than the screen can show it.
  transfers.onChange(() => { frame ||= requestAnimationFrame(render); }, signal);
  signal.addEventListener("abort", () => cancelAnimationFrame(frame));
  render();
  return element;
}

/**
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading
 */
function listSection(signal, heading) {
  const count = h("p", { class: "count" });
  const body = h("tbody", { role: "rowgroup" });
  const table = h("table", { class: "files", role: "table", "aria-label": "Your files", hidden: true }, tableHead(), body);
  const message = h("div", { class: "empty" }, h("p", {}, "Loading your files…"));
  const moreButton = h("button", { class: "button", onclick: showMore, hidden: true }, "Show more");
  const problem = h("p", { class: "file-problem", role: "alert" });
  const element = h("section", { class: "list", "aria-label": "List of your files" }, table, message, h("div", { class: "more" }, moreButton, problem));
  const rows = new Map();
  const list = new UploadList(tell, render, signal);
  let loaded = false;

  function render() {
    const moving = new Set(transfers.current().map(({ uploadId }) => uploadId));
    const items = list.items.filter(({ id }) => !moving.has(id));
    const hidden = list.items.length - items.length;
    sync(body, rows, items, ({ id }) => id, (upload) => fileRow(upload, { download, remove }, explain));
    table.hidden = !items.length;
    moreButton.hidden = !list.nextCursor;
    count.textContent = countWords(items.length, list.total === null ? null : list.total - hidden);
    if (!loaded) return;
    message.hidden = items.length > 0;
    message.replaceChildren(h("p", { class: "empty-title" }, "No files yet"), h("p", {}, "What you upload appears here, with the outcome of its checks."));
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
      if (moreButton.hidden) focusText(/** @type {HTMLElement | null} */ (body.children[before]?.querySelector("th") ?? null));
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
  transfers.onChange(() => { if (loaded) render(); }, signal);
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
  const columns = ["Name", "Status", "Size", "Added"].map((label) => h("th", { role: "columnheader", scope: "col" }, label));
  const actions = h("th", { role: "columnheader", scope: "col" }, h("span", { class: "visually-hidden" }, "Actions"));
  return h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...columns, actions));
}
