// @ts-check
/** What must be answered before anything else. */

import { h } from "./dom.js";
import { form } from "./forms.js";

/**
 * @typedef {object} Words
 * @property {string} title
 * @property {string} text
 */

/**
 * @param {Words & {confirm: string, danger?: boolean}} question
 * @returns {Promise<boolean>} true when it was confirmed; Escape and the other button say no
 */
export async function ask({ title, text, confirm, danger = true }) {
  const kind = danger ? "button-danger" : "button-primary";
  const answer = await show({ title, text }, () => [
    h(
      "form",
      { method: "dialog", class: "form-end" },
      h("button", { class: "button", value: "no", autofocus: true }, "Cancel"),
      h("button", { class: `button ${kind}`, value: "yes" }, confirm),
    ),
  ]);
  return answer === "yes";
}

/**
 * A form in a dialog, which closes when it was sent.
 * @param {Words & import("./forms.js").FormSpec} spec
 * @returns {Promise<boolean>} whether it was sent
 */
export async function askForm({ title, text, send, ...spec }) {
  const answer = await show({ title, text }, (close) => [
    form({
      ...spec,
      cancel: () => close("no"),
      send: async (values) => {
        await send(values);
        close("yes");
      },
    }),
  ]);
  return answer === "yes";
}

/**
 * @param {Words} words
 * @param {(close: (answer: string) => void) => Node[]} content
 * @returns {Promise<string>} the answer it was closed with
 */
export function show({ title, text }, content) {
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
    h("h2", { id: "dialog-title" }, title),
    h("p", { id: "dialog-text" }, text),
    ...content((answer) => dialog.close(answer)),
  );
  const leave = () => dialog.close("no");
  document.body.append(dialog);
  // The view that asks may go, as when the session ends.
  addEventListener("hashchange", leave);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      removeEventListener("hashchange", leave);
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}
