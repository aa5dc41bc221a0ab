// @ts-check
/** One upload in the list, as a table row that is updated in place so that the focus stays. */

import { h, icon } from "./dom.js";
import { KINDS, dateTime, day, exactSize, explain, reason, size } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */
/**
 * What can be done with a file; what they reject with is shown at the row.
 * @typedef {object} FileActions
 * @property {(upload: Upload) => Promise<void>} download
 * @property {(upload: Upload) => Promise<void>} share
 * @property {(upload: Upload) => Promise<void>} rename
 * @property {(upload: Upload) => Promise<void>} remove
 * @property {(upload: Upload) => Promise<void>} rescan
 * @property {(upload: Upload, selected: boolean) => void} select
 * @property {(upload: Upload) => Promise<string | null>} owner whose it is, null for one's own
 * @property {boolean} mayRescan
 */

/** @type {Record<Upload["status"], {label: string, icon: import("./dom.js").IconName | null}>} */
const STATUS = {
  pending: { label: "Not finished", icon: "clock" },
  scanning: { label: "Checking…", icon: null },
  available: { label: "Available", icon: "check" },
  rejected: { label: "Rejected", icon: "cross" },
  expired: { label: "Expired", icon: "clock" },
};

const NOTES = /** @type {Record<string, string>} */ ({
  pending: "Its content has not arrived. If no other tab is uploading it, delete it and upload it again.",
  expired: "Its content never arrived. Delete it, and upload it again if you need it.",
});

/**
 * @param {Upload} upload
 * @param {FileActions} actions
 */
export function fileRow(upload, actions) {
  let shown = upload;
  const box = h("input", { type: "checkbox", onchange: () => actions.select(shown, box.checked) });
  const name = h("span", { class: "file-name" });
  const kind = h("span", { class: "file-kind", "aria-hidden": "true" });
  const shared = h("span", { class: "badge" }, icon("people"), "Shared");
  const owner = h("p", { class: "file-note" });
  const note = h("p", { class: "file-note" });
  const problem = h("p", { class: "file-problem", role: "alert" });
  const status = h("td", { role: "cell", class: "cell-status" });
  const bytes = h("td", { role: "cell", class: "cell-size" });
  const added = h("td", { role: "cell", class: "cell-added" });
  const buttons = {
    Download: button("Download", (file) => actions.download(file)),
    Share: button("Share", (file) => actions.share(file)),
    Rename: button("Rename", (file) => actions.rename(file)),
    Rescan: button("Scan again", (file) => actions.rescan(file)),
    Delete: button("Delete", (file) => actions.remove(file)),
  };
  const element = h(
    "tr",
    { role: "row", class: "file" },
    h("td", { role: "cell", class: "cell-box" }, h("label", { class: "box" }, box)),
    h(
      "th",
      { role: "rowheader", scope: "row", class: "cell-name" },
      h("span", { class: "file-title" }, kind, h("span", {}, name, shared)),
      owner,
      note,
      problem,
    ),
    status,
    bytes,
    added,
    h("td", { role: "cell", class: "cell-actions" }, ...Object.values(buttons)),
  );

  /**
   * @param {string} label
   * @param {(upload: Upload) => Promise<void>} action
   */
  function button(label, action) {
    return h("button", { class: "button button-quiet", onclick: () => act(action) }, label);
  }

  /** @param {(upload: Upload) => Promise<void>} action */
  async function act(action) {
    fail("");
    try {
      await action(shown);
    } catch (error) {
      fail(explain(error));
    }
  }

  /** @param {string} words why something did not work */
  function fail(words) {
    problem.textContent = words;
  }

  /** @param {boolean} selected */
  function check(selected) {
    box.checked = selected;
  }

  /** @param {Upload} next */
  function update(next) {
    shown = next;
    element.dataset.status = next.status;
    name.textContent = next.filename;
    kind.textContent = KINDS[next.content_type] ?? "File";
    shared.hidden = !next.is_public;
    note.textContent = next.status === "rejected" ? reason(next.reason) : (NOTES[next.status] ?? "");
    status.replaceChildren(statusMark(next.status));
    bytes.replaceChildren(h("span", { title: exactSize(next.file_size) }, size(next.file_size)));
    added.replaceChildren(
      h("time", { datetime: next.created_at, title: dateTime(next.created_at) }, day(next.created_at)),
    );
    for (const label of /** @type {const} */ (["Download", "Share", "Rename"]))
      buttons[label].hidden = next.status !== "available";
    buttons.Rescan.hidden = !actions.mayRescan || next.reason !== "SCAN_FAILED";
    box.setAttribute("aria-label", `Select ${next.filename}`);
    for (const each of Object.values(buttons))
      each.setAttribute("aria-label", `${each.textContent} ${next.filename}`);
  }

  update(upload);
  void actions.owner(upload).then((whose) => {
    owner.textContent = whose ? `Of ${whose}` : "";
  });
  return { element, update, fail, check };
}

/** @param {Upload["status"]} status */
function statusMark(status) {
  const { label, icon: mark } = STATUS[status];
  return h(
    "span",
    { class: `status status-${status}` },
    mark ? icon(mark) : h("span", { class: "spinner" }),
    label,
  );
}
