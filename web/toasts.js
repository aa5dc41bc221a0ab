// @ts-check
/** What is told wherever one is, at the edge of the page; and a sign while nothing can be told. */

import { h } from "./dom.js";
import { currentUser } from "./session.js";
import { isConnected, onConnection, onNotice } from "./socket.js";

const SHOWN_MS = 15_000;
/** A short break is nobody's concern. */
const PATIENCE_MS = 3_000;
const WORDS = /** @type {Record<string, string>} */ ({ warning: "Warning: ", error: "Fault: " });

const list = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
const offline = h("p", { class: "offline", role: "status" });
let timer = 0;

/**
 * @param {string} text
 * @param {string} level
 */
function toast(text, level) {
  const element = h(
    "div",
    { class: `toast toast-${level}` },
    h("p", {}, h("strong", {}, WORDS[level] ?? ""), text),
    h("button", { class: "button button-quiet", onclick: () => element.remove() }, "Dismiss"),
  );
  list.append(element);
  if (level === "info") setTimeout(() => element.remove(), SHOWN_MS);
}

function tellConnection() {
  clearTimeout(timer);
  if (isConnected()) offline.textContent = "";
  else
    timer = setTimeout(() => {
      offline.textContent = currentUser() ? "Live updates are interrupted. Reconnecting…" : "";
    }, PATIENCE_MS);
}

export function showToasts() {
  document.body.append(offline, list);
  onNotice(({ type, data }) => {
    if (type === "system.notification") toast(data.message, data.level);
    if (type === "export.ready") toast("The copy of your data is ready. It lies in your account.", "info");
  });
  onConnection(tellConnection);
}
