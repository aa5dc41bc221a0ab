// @ts-check
/** One upload in the list, as a table row that is updated in place so that the focus stays. */

import { h, icon } from "./dom.js";
import { dateTime, day, exactSize, reason, size } from "./words.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/** @type {Record<Upload["status"], {label: string, icon: import("./dom.js").IconName | null}>} */
const STATUS = {
  pending: { label: "Not finished", icon: "clock" },
  scanning: { label: "Checking…", icon: null },
  available: { label: "Available", icon: "check" },
  rejected: { label: "Rejected", icon: "cross" },
  expired: { label: "Expired", icon: "clock" },
};

const KINDS = /** @type {Record<string, string>} */ ({
  "application/pdf": "PDF",
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "text/plain": "Text",
});

const NOTES = /** @type {Record<string, string>} */ ({
  pending: "Its content has not arrived. If no other tab is uploading it, delete it and upload it again.",
  expired: "Its content never arrived. Delete it, and upload it again if you need it.",
});

/**
 * @param {Upload} upload
 * @param {{download: (upload: Upload) => Promise<void>, remove: (upload: Upload) => Promise<void>}} actions
 *   what they reject with is shown at the row
 * @param {(error: unknown) => string} explain
 */
export function fileRow(upload, actions, explain) {
  let shown = upload;
  const name = h("span", { class: "file-name" });
  const kind = h("span", { class: "file-kind", "aria-hidden": "true" });
  const note = h("p", { class: "file-note" });
  const problem = h("p", { class: "file-problem", role: "alert" });
  const status = h("td", { role: "cell", class: "cell-status" });
  const bytes = h("td", { role: "cell", class: "cell-size" });
  const added = h("td", { role: "cell", class: "cell-added" });
  const download = h(
    "button",
    { class: "button button-quiet", onclick: () => act(actions.download) },
    icon("download"),
    "Download",
  );
  const remove = h(
    "button",
    { class: "button button-quiet", onclick: () => act(actions.remove) },
    icon("trash"),
    "Delete",
  );
  const element = h(
    "tr",
    { role: "row", class: "file" },
    h(
      "th",
      { role: "rowheader", scope: "row", class: "cell-name" },
      h("span", { class: "file-title" }, kind, name),
      note,
      problem,
    ),
    status,
    bytes,
    added,
    h("td", { role: "cell", class: "cell-actions" }, download, remove),
  );

  /** @param {(upload: Upload) => Promise<void>} action */
  async function act(action) {
    problem.textContent = "";
    try {
      await action(shown);
    } catch (error) {
      problem.textContent = explain(error);
    }
  }

  /** @param {Upload} next */
  function update(next) {
    const { label, icon: mark } = STATUS[next.status];
    shown = next;
    element.dataset.status = next.status;
    name.textContent = next.filename;
    kind.textContent = KINDS[next.content_type] ?? "File";
    note.textContent = next.status === "rejected" ? reason(next.reason) : (NOTES[next.status] ?? "");
    status.replaceChildren(
      h(
        "span",
        { class: `status status-${next.status}` },
        mark ? icon(mark) : h("span", { class: "spinner" }),
        label,
      ),
    );
    bytes.replaceChildren(h("span", { title: exactSize(next.file_size) }, size(next.file_size)));
    added.replaceChildren(
      h("time", { datetime: next.created_at, title: dateTime(next.created_at) }, day(next.created_at)),
    );
    download.hidden = next.status !== "available";
    download.setAttribute("aria-label", `Download ${next.filename}`);
    remove.setAttribute("aria-label", `Delete ${next.filename}`);
  }

  update(upload);
  return { element, update };
}
