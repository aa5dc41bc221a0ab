// @ts-check
/** A question that must be answered before anything else. */

import { h } from "./dom.js";

/**
 * @param {{title: string, text: string, confirm: string}} question
 * @returns {Promise<boolean>} true when it was confirmed; Escape and the other button say no
 */
export function ask({ title, text, confirm }) {
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      h("p", { id: "dialog-text" }, text),
      h(
        "div",
        { class: "dialog-buttons" },
        h("button", { class: "button", value: "no", autofocus: true }, "Cancel"),
        h("button", { class: "button button-danger", value: "yes" }, confirm),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
