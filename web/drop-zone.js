// @ts-check
/** The place to choose or drop files. The whole window takes a drop: nobody has to aim. */

import { announce, h, icon } from "./dom.js";
import * as transfers from "./transfers.js";
import { ACCEPTED, plural } from "./words.js";

/** @param {AbortSignal} signal */
export function dropZone(signal) {
  const input = h("input", {
    type: "file",
    id: "choose",
    class: "visually-hidden",
    multiple: true,
    "aria-describedby": "choose-hint",
    accept: ".pdf,.jpg,.jpeg,.png,.txt,application/pdf,image/jpeg,image/png,text/plain",
    onchange: onChoose,
  });
  const element = h(
    "div",
    { class: "drop" },
    icon("upload"),
    h(
      "p",
      { class: "drop-words" },
      h("span", { class: "drop-invite" }, "Drop files here, or "),
      input,
      h("label", { for: "choose", class: "button button-primary" }, "Choose files"),
    ),
    h("p", { class: "hint", id: "choose-hint" }, `${ACCEPTED}, up to 10 MB each.`),
  );

  function onChoose() {
    takeIn([...(input.files ?? [])]);
    // So that choosing the same file again is a change again.
    input.value = "";
  }

  /** @param {DragEvent} event */
  function onDragOver(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    element.classList.add("drop-over");
  }

  /** @param {DragEvent} event */
  function onDragLeave(event) {
    if (!event.relatedTarget) element.classList.remove("drop-over");
  }

  /** @param {DragEvent} event */
  function onDrop(event) {
    element.classList.remove("drop-over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    takeIn([...event.dataTransfer.files], foldersOf(event.dataTransfer));
  }

  addEventListener("dragover", onDragOver, { signal });
  addEventListener("dragleave", onDragLeave, { signal });
  addEventListener("drop", onDrop, { signal });
  return element;
}

/**
 * The names of the dropped folders: they come among the files and look like them.
 * @param {DataTransfer} transfer
 */
function foldersOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  return new Set(entries.filter((entry) => entry?.isDirectory).map((entry) => entry?.name));
}

/**
 * Type and size are the server's to judge, which it does before any byte is sent.
 * @param {File[]} files
 * @param {Set<string | undefined>} [folders]
 */
function takeIn(files, folders = new Set()) {
  const good = [];
  for (const file of files) {
    if (folders.has(file.name))
      transfers.refuse(file, "This is a folder. Open it, and choose the files in it.");
    else if (file.size === 0) transfers.refuse(file, "This file is empty.");
    else good.push(file);
  }
  if (good.length) announce(`Uploading ${plural(good.length, "file")}.`);
  transfers.add(good);
}
