// @ts-check
/** Search, filters and order above a list. */

import { h } from "./dom.js";
import { select } from "./field.js";

/** Somebody who types on has not finished the word. */
const PAUSE_MS = 300;

/**
 * @typedef {object} Choice
 * @property {string} name of the query parameter
 * @property {string} label for those who hear it
 * @property {[value: string, label: string][]} options the first one asks for nothing
 */

/**
 * @param {{search: string, choices: Choice[]}} spec
 * @param {(query: Record<string, string>) => void} onChange
 * @param {AbortSignal} signal
 * @returns {{controls: HTMLElement[], clear: () => void, query: () => Record<string, string>}}
 */
export function filters({ search, choices }, onChange, signal) {
  const props = { class: "input", type: "search", "aria-label": search, placeholder: search };
  const q = h("input", { ...props, autocomplete: "off", spellcheck: "false", oninput: later, onchange: now });
  const selects = choices.map(({ name, label, options }) =>
    select(options, { name, class: "input", "aria-label": label, onchange: now, value: options[0][0] }),
  );
  let timer = 0;
  let told = "";

  function query() {
    const chosen = selects.map(({ name, value }) => [name, value]);
    return Object.fromEntries([["q", q.value.trim()], ...chosen]);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(now, PAUSE_MS);
  }

  function now() {
    clearTimeout(timer);
    const asked = JSON.stringify(query());
    if (asked !== told) onChange(query());
    told = asked;
  }

  function clear() {
    q.value = "";
    for (const each of selects) each.selectedIndex = 0;
    now();
    q.focus();
  }

  told = JSON.stringify(query());
  signal.addEventListener("abort", () => clearTimeout(timer));
  return { controls: [q, ...selects], clear, query };
}
