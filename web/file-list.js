// @ts-check
/** The part of the view that lists the uploads. */

import { ask } from "./dialog.js";
import { announce, focusText, h } from "./dom.js";
import { startDownload } from "./download.js";
import { exportMenu } from "./exports.js";
import { rename, share } from "./file-dialogs.js";
import { fileRow } from "./file-row.js";
import { filters } from "./filters.js";
import { ownerOf } from "./owners.js";
import { isAbort } from "./paged.js";
import { onNextFrame, sync } from "./rows.js";
import { Selection } from "./selection.js";
import { currentUser, request } from "./session.js";
import * as transfers from "./transfers.js";
import { UploadList, downloadUrl } from "./uploads.js";
import { KINDS, countWords, explain, plural, reason } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/** @type {import("./filters.js").Choice[]} */
const CHOICES = [
  {
    name: "status",
    label: "Status",
    options: [
      ["", "Any status"],
      ["available", "Available"],
      ["scanning", "Being checked"],
      ["rejected", "Rejected"],
      ["pending", "Not finished"],
      ["expired", "Expired"],
    ],
  },
  { name: "content_type", label: "Type", options: [["", "Any type"], ...Object.entries(KINDS)] },
  {
    name: "sort",
    label: "Order",
    options: [
      ["", "Newest first"],
      ["created_at", "Oldest first"],
      ["filename", "By name"],
      ["-file_size", "Largest first"],
    ],
  },
];
/** @type {import("./filters.js").Choice} */
const SCOPE = {
  name: "scope",
  label: "Whose files",
  options: [
    ["", "My files"],
    ["all", "Everybody’s"],
  ],
};

/**
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the row that had it is gone
 * @returns {{element: HTMLElement, count: HTMLElement}} the list, and how many files there are
 */
export function fileList(signal, heading) {
  const isAdmin = currentUser()?.role === "admin";
  const count = h("p", { class: "count" });
  const body = h("tbody", { role: "rowgroup" });
  const table = h("table", { class: "files", role: "table", "aria-label": "Your files" }, tableHead(), body);
  const message = h("div", { class: "empty" }, h("p", {}, "Loading your files…"));
  const moreButton = h("button", { class: "button", onclick: showMore, hidden: true }, "Show more");
  const problem = h("p", { class: "file-problem", role: "alert" });
  const tools = filters(
    { search: "Search by name", choices: isAdmin ? [...CHOICES, SCOPE] : CHOICES },
    onQuery,
    signal,
  );
  const toolbar = h(
    "div",
    { class: "toolbar" },
    ...tools.controls,
    exportMenu("/uploads/export", tools.query, (error) => say(explain(error))),
  );
  /** @type {Map<string, ReturnType<typeof fileRow>>} */
  const rows = new Map();
  const list = new UploadList(tell, render, signal);
  const selection = new Selection({
    shown: () => [...rows.keys()],
    mark: (id, selected) => rows.get(id)?.check(selected),
    remove: removeAll,
  });
  const element = h(
    "section",
    { class: "list", "aria-label": "List of your files" },
    toolbar,
    selection.element,
    table,
    message,
    h("div", { class: "more" }, moreButton, problem),
  );
  /** @type {import("./file-row.js").FileActions} */
  const actions = {
    download: async ({ id }) => startDownload(await downloadUrl(id)),
    share: (upload) => share(upload, (changed) => list.merge(changed)),
    rename: (upload) => rename(upload, (changed) => list.merge(changed)),
    rescan: async ({ id }) => list.merge(await request("POST", `/uploads/${id}/rescan`)),
    remove,
    select: ({ id }, selected) => selection.set(id, selected),
    owner: ownerOf,
    mayRescan: isAdmin,
  };
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
      (upload) => fileRow(upload, actions),
    );
    selection.render();
    table.hidden = !items.length;
    // Nothing to look for among nothing; but others may have something.
    toolbar.hidden = !items.length && list.isWhole && !isAdmin;
    moreButton.hidden = !list.nextCursor;
    count.textContent = countWords(items.length, list.total === null ? null : list.total - hidden, "file");
    if (!loaded) return;
    message.hidden = items.length > 0;
    message.replaceChildren(...(list.isWhole ? noFiles() : noMatch(tools.clear)));
  }

  /** @param {string} words */
  function say(words) {
    problem.textContent = words;
  }

  async function load() {
    try {
      await list.load();
      loaded = true;
      render();
    } catch (error) {
      if (isAbort(error)) return;
      const again = h("button", { class: "button", onclick: load }, "Try again");
      message.replaceChildren(h("p", { role: "alert" }, explain(error)), again);
    }
  }

  /** @param {Record<string, string>} query */
  async function onQuery(query) {
    say("");
    element.setAttribute("aria-busy", "true");
    try {
      await list.ask(query);
      announce(`${count.textContent || "No file"} found.`);
    } catch (error) {
      if (isAbort(error)) return;
      say(explain(error));
    }
    element.removeAttribute("aria-busy");
  }

  async function showMore() {
    const before = body.children.length;
    say("");
    try {
      await list.more();
      announce(`${plural(body.children.length - before, "more file")} shown.`);
      // With the last page the button goes, and would take the focus with it.
      if (moreButton.hidden) focusText(body.children[before]?.querySelector("th"));
    } catch (error) {
      if (!isAbort(error)) say(explain(error));
    }
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

  /** @param {string[]} ids */
  async function removeAll(ids) {
    const what = plural(ids.length, "file");
    const sure = await ask({
      title: `Delete ${what}?`,
      text: "They are deleted for good, for you and for everybody they were shared with.",
      confirm: "Delete",
    });
    if (!sure) return;
    say("");
    try {
      const kept = await list.deleteAll(ids);
      for (const { id } of kept) rows.get(id)?.fail("You are not allowed to delete this file.");
      announce(`${plural(ids.length - kept.length, "file")} deleted.`);
      focusText(heading);
    } catch (error) {
      say(explain(error));
    }
  }

  transfers.onArrival((upload) => {
    announce(`${upload.filename} is uploaded and being checked.`);
    list.merge(upload);
  }, signal);
  transfers.onChange(onNextFrame(render, signal), signal);
  render();
  void load();
  return { element, count };
}

/** @param {Upload} upload */
function tell({ filename, status, reason: code }) {
  if (status === "available") announce(`${filename} is available.`);
  if (status === "rejected") announce(`${filename} was rejected. ${reason(code)}`);
}

function noFiles() {
  return [
    h("p", { class: "empty-title" }, "No files yet"),
    h("p", {}, "What you upload appears here, with the outcome of its checks."),
  ];
}

/** @param {() => void} clear */
function noMatch(clear) {
  return [
    h("p", { class: "empty-title" }, "No file matches"),
    h("button", { class: "button", onclick: clear }, "Show all files"),
  ];
}

function tableHead() {
  const hidden = (/** @type {string} */ words) => h("span", { class: "visually-hidden" }, words);
  const columns = [hidden("Select"), "Name", "Status", "Size", "Added", hidden("Actions")];
  return h(
    "thead",
    { role: "rowgroup" },
    h(
      "tr",
      { role: "row" },
      ...columns.map((label) => h("th", { role: "columnheader", scope: "col" }, label)),
    ),
  );
}
