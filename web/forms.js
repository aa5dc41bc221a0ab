// @ts-check
/** Forms whose errors stand at the field they belong to. */

import { ApiError } from "./api.js";
import { h, icon } from "./dom.js";
import { explain, sentence } from "./words.js";

/**
 * @typedef {object} FieldSpec
 * @property {string} name as the API calls it
 * @property {string} label
 * @property {string} [type]
 * @property {string} [hint]
 * @property {string} autocomplete
 * @property {(value: string) => string | null} check what is wrong with a value, in words
 *
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 * @property {(problem: string | null) => void} mark
 *
 * @typedef {object} FormSpec
 * @property {FieldSpec[]} fields
 * @property {string} submit the button's words
 * @property {string} busy the button's words meanwhile
 * @property {Record<string, string>} [fieldOfCode] the field that an error code is about
 * @property {(values: Record<string, string>) => Promise<void>} send
 */

/** @param {string} what is missing, "your username" */
export function required(what) {
  return (/** @type {string} */ value) => (value ? null : `Enter ${what}.`);
}

/**
 * @param {FormSpec} spec
 * @returns {HTMLFormElement}
 */
export function form(spec) {
  const fields = new Map(spec.fields.map((field) => [field.name, createField(field)]));
  const alert = h("div", { class: "alert", role: "alert", hidden: true });
  const button = h("button", { class: "button button-primary button-wide" }, spec.submit);
  let busy = false;

  /** @param {boolean} value */
  function setBusy(value) {
    busy = value;
    // Not `disabled`, which would drop the focus.
    button.setAttribute("aria-disabled", String(value));
    button.textContent = value ? spec.busy : spec.submit;
  }

  /** @param {string | null} problem */
  function setAlert(problem) {
    alert.hidden = !problem;
    alert.replaceChildren(...(problem ? [icon("alert"), h("p", {}, problem)] : []));
  }

  /** @param {Event} event */
  async function onSubmit(event) {
    event.preventDefault();
    if (busy) return;
    const values = Object.fromEntries([...fields].map(([name, { input }]) => [name, input.value]));
    const problems = new Map(spec.fields.map(({ name, check }) => [name, check(values[name])]));
    setAlert(null);
    if (markAll(fields, problems)) return;
    setBusy(true);
    try {
      await spec.send(values);
    } catch (error) {
      const found = sortOut(error, fields, spec.fieldOfCode ?? {});
      setAlert(found.general);
      markAll(fields, found.problems);
    } finally {
      setBusy(false);
    }
  }

  return h(
    "form",
    { class: "form", novalidate: true, onsubmit: onSubmit },
    alert,
    ...[...fields.values()].map(({ element }) => element),
    button,
  );
}

/**
 * Marks every field and focuses the first wrong one.
 * @param {Map<string, Field>} fields
 * @param {Map<string, string | null>} problems by field
 * @returns {boolean} whether any is wrong
 */
function markAll(fields, problems) {
  for (const [name, { mark }] of fields) mark(problems.get(name) ?? null);
  const wrong = [...fields].find(([name]) => problems.get(name));
  wrong?.[1].input.focus();
  return Boolean(wrong);
}

/**
 * What of an error belongs to fields of this form, and what to the form as a whole.
 * @param {unknown} error
 * @param {Map<string, Field>} fields
 * @param {Record<string, string>} fieldOfCode
 */
function sortOut(error, fields, fieldOfCode) {
  /** @type {Map<string, string>} */
  const problems = new Map();
  if (!(error instanceof ApiError)) return { problems, general: explain(error) };
  const ofCode = fieldOfCode[error.code];
  if (ofCode) return { problems: problems.set(ofCode, explain(error)), general: null };
  for (const { field, issue } of error.fields) {
    if (fields.has(field)) problems.set(field, sentence(issue));
  }
  return { problems, general: problems.size ? null : explain(error) };
}

/**
 * @param {FieldSpec} spec
 * @returns {Field}
 */
function createField({ name, label, type = "text", hint, autocomplete }) {
  const id = `field-${name}`;
  const described = hint ? [`${id}-hint`] : [];
  const input = h("input", {
    id,
    name,
    type,
    autocomplete,
    class: "input",
    required: true,
    "aria-describedby": described.join(" ") || null,
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
  });
  const error = h("p", { id: `${id}-error`, class: "field-error", hidden: true });

  /** @param {string | null} problem */
  function mark(problem) {
    element.classList.toggle("field-wrong", Boolean(problem));
    error.hidden = !problem;
    error.replaceChildren(...(problem ? [icon("alert"), h("span", {}, problem)] : []));
    input.toggleAttribute("aria-invalid", false);
    if (problem) input.setAttribute("aria-invalid", "true");
    const ids = problem ? [...described, error.id] : described;
    if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
    else input.removeAttribute("aria-describedby");
  }

  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id, class: "label" }, label),
    hint && h("p", { id: `${id}-hint`, class: "hint" }, hint),
    error,
    type === "password" ? withReveal(input) : input,
  );
  return { element, input, mark };
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
