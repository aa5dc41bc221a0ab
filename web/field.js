// @ts-check
/** One labelled field of a form, with its hint and its error. */

import { h, icon } from "./dom.js";

/**
 * @typedef {object} FieldSpec
 * @property {string} name as the API calls it
 * @property {string} label
 * @property {string} [type] of the input
 * @property {[value: string, label: string][]} [options] makes it a choice among these
 * @property {number} [rows] makes it a text of several lines
 * @property {string} [value] at the start
 * @property {string} [hint]
 * @property {string} [autocomplete]
 * @property {boolean} [optional]
 * @property {(value: string) => string | null} [check] what is wrong with a value, in words
 *
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control
 *
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {Control} input
 * @property {(problem: string | null) => void} mark
 */

/**
 * @param {FieldSpec} spec
 * @returns {Field}
 */
export function createField(spec) {
  const id = `field-${spec.name}`;
  const described = spec.hint ? [`${id}-hint`] : [];
  const input = createControl(spec, id);
  const error = h("p", { id: `${id}-error`, class: "field-error", hidden: true });

  /** @param {string | null} problem */
  function mark(problem) {
    element.classList.toggle("field-wrong", Boolean(problem));
    error.hidden = !problem;
    error.replaceChildren(...(problem ? [icon("alert"), h("span", {}, problem)] : []));
    if (problem) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    describe(problem ? [...described, error.id] : described);
  }

  /** @param {string[]} ids */
  function describe(ids) {
    if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
    else input.removeAttribute("aria-describedby");
  }

  describe(described);
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id, class: "label" }, spec.label),
    spec.hint && h("p", { id: `${id}-hint`, class: "hint" }, spec.hint),
    error,
    spec.type === "password" ? withReveal(/** @type {HTMLInputElement} */ (input)) : input,
  );
  return { element, input, mark };
}

/**
 * @param {FieldSpec} spec
 * @param {string} id
 * @returns {Control}
 */
function createControl({ name, type = "text", options, rows, value = "", autocomplete, optional }, id) {
  const common = { id, name, class: "input", required: !optional };
  if (options) return select(options, { ...common, value });
  const typed = {
    ...common,
    autocomplete: autocomplete ?? "off",
    autocapitalize: rows ? "sentences" : "none",
    autocorrect: rows ? null : "off",
    spellcheck: String(Boolean(rows)),
  };
  const control = rows ? h("textarea", { ...typed, rows }) : h("input", { ...typed, type });
  control.value = value;
  return control;
}

/**
 * @param {[value: string, label: string][]} options
 * @param {Record<string, unknown> & {value?: string}} props
 */
export function select(options, { value, ...props }) {
  return h(
    "select",
    props,
    ...options.map(([each, label]) => h("option", { value: each, selected: each === value }, label)),
  );
}

/**
 * A password with a button that shows it: typing blind is what makes people choose short ones.
 * @param {HTMLInputElement} input
 */
function withReveal(input) {
  const button = h(
    "button",
    {
      type: "button",
      class: "reveal",
      "aria-pressed": "false",
      "aria-label": "Show password",
      onclick: toggle,
    },
    "Show",
  );

  function toggle() {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(shown));
  }

  return h("div", { class: "input-group" }, input, button);
}
