// @ts-check
/**
 * Hash routing. The fragment never reaches a server, which is why the mailed links carry their
 * tokens in it: `#/reset-password?token=…`.
 */

import { focusText } from "./dom.js";

/**
 * @typedef {object} Place
 * @property {string} name the route's name, "" at the start
 * @property {URLSearchParams} params
 *
 * @typedef {object} View
 * @property {string} title for the window
 * @property {HTMLElement} element what `main` shows; its `h1` takes the focus
 *
 * @typedef {object} Context
 * @property {URLSearchParams} params
 * @property {AbortSignal} signal fires when the view is left: stop timers and listeners by it
 *
 * @typedef {object} Route
 * @property {"guest" | "user" | "admin" | "any"} access whom it is for
 * @property {(context: Context) => View} view
 */

/** @returns {Place} */
export function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { name: path.replace(/\/$/, ""), params: new URLSearchParams(query) };
}

/**
 * @param {string} name
 * @param {{replace?: boolean}} [options] replace: the present place is not worth coming back to
 */
export function go(name, { replace = false } = {}) {
  if (replace) location.replace(`#/${name}`);
  else location.hash = `#/${name}`;
}

let leave = new AbortController();
let first = true;

/**
 * Puts a view into `main` and leaves the one before.
 * @param {(context: Context) => View} view
 */
export function show(view) {
  leave.abort();
  leave = new AbortController();
  const { title, element } = view({ params: here().params, signal: leave.signal });
  document.title = `${title} · ReViewPoint`;
  /** @type {HTMLElement} */ (document.getElementById("main")).replaceChildren(element);
  // At the first view the browser itself starts at the top of the page.
  if (!first && !element.contains(document.activeElement)) {
    focusText(element.querySelector("h1"));
    scrollTo(0, 0);
  }
  first = false;
}
