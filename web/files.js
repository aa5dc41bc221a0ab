// @ts-check
/** The view of one's own files: the place to drop new ones, those on their way, and the list. */

import { h } from "./dom.js";
import { dropZone } from "./drop-zone.js";
import { fileList } from "./file-list.js";
import { sendingSection } from "./sending.js";

/**
 * @param {import("./router.js").Context} context
 * @returns {import("./router.js").View}
 */
export function filesView({ signal }) {
  const heading = h("h1", {}, "Your files");
  const list = fileList(signal, heading);
  const element = h(
    "div",
    { class: "page" },
    h("div", { class: "page-head" }, heading, list.count),
    dropZone(signal),
    sendingSection(signal, heading),
    list.element,
  );
  return { title: "Your files", element };
}
