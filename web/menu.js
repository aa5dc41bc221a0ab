// @ts-check
/** A button that opens a short list of actions. */

import { h, icon } from "./dom.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {() => void} act
 * @property {boolean} [danger]
 */

/**
 * @param {{label: string, describe?: string, quiet?: boolean}} button describe: the words for those who do not
 *   see what it stands beside
 * @param {MenuItem[]} items
 */
export function menu({ label, describe, quiet = false }, items) {
  const summary = h(
    "summary",
    { class: quiet ? "button button-quiet" : "button", "aria-label": describe },
    label,
    icon("down"),
  );
  const list = h("div", { class: "menu-list" }, ...items.map(itemButton));
  const element = h("details", { class: "menu", ontoggle: onToggle, onkeydown: onKey }, summary, list);

  /** @param {MenuItem} item */
  function itemButton({ label: words, act, danger }) {
    const props = { type: "button", class: danger ? "menu-item menu-danger" : "menu-item", onclick: choose };
    function choose() {
      element.open = false;
      summary.focus();
      act();
    }
    return h("button", props, words);
  }

  function onToggle() {
    const change = element.open ? addEventListener : removeEventListener;
    change("pointerdown", closeFromOutside);
    change("focusin", closeFromOutside);
  }

  /** @param {Event} event */
  function closeFromOutside(event) {
    if (!element.isConnected || !element.contains(/** @type {Node} */ (event.target))) element.open = false;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    summary.focus();
  }

  return element;
}
