// @ts-check
/** Small helpers that build elements. Text always becomes a text node, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Icons as stroked paths on a 24 x 24 grid. */
const ICONS = {
  upload: "M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15",
  download: "M12 4v11m0 0-4.5-4.5M12 15l4.5-4.5M4 19.5h16",
  trash: "M4.5 6.5h15M9.5 6V4.5h5V6m-8 .5.8 12.5a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1l.8-12.5",
  alert: "M12 8v5m0 3v.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17",
  check: "m5.5 12.5 4 4 9-9",
  cross: "m7 7 10 10M17 7 7 17",
  down: "m7 10 5 5 5-5",
  people:
    "M9 11.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5m-6 7.5c0-3 2.5-5 6-5s6 2 6 5m.5-7.6a3.1 3.1 0 0 0 0-6M17.5 14.4c2.2.6 3.5 2.3 3.5 4.6",
  clock: "M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17",
};

/** @typedef {keyof typeof ICONS} IconName */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [props] attributes; `class`; `onclick` and the like take functions;
 *   false, null and undefined leave an attribute out, true sets it empty
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * A decorative icon; the words beside it carry the meaning.
 * @param {IconName} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** @type {string[]} */
let spoken = [];

/**
 * Says a sentence to screen readers. Sentences of one moment are said together: a live region
 * that changes twice in a row loses the first.
 * @param {string} text
 */
export function announce(text) {
  spoken.push(text);
  if (spoken.length > 1) return;
  setTimeout(() => {
    const live = /** @type {HTMLElement} */ (document.getElementById("live"));
    live.textContent = spoken.join(" ");
    spoken = [];
  }, 150);
}

/**
 * Focuses an element that is no control, such as a heading, without leaving it in the tab order.
 * @param {HTMLElement | null | undefined} element
 */
export function focusText(element) {
  if (!element) return;
  element.tabIndex = -1;
  element.focus();
}
