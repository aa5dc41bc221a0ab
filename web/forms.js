// @ts-check
/** Forms whose errors stand at the field they belong to. */

import { ApiError } from "./api.js";
import { h, icon } from "./dom.js";
import { createField } from "./field.js";
import { explain, sentence } from "./words.js";

/** @typedef {import("./field.js").Field} Field */
/**
 * @typedef {object} FormSpec
 * @property {import("./field.js").FieldSpec[]} fields
 * @property {string} submit the button's words
 * @property {string} busy the button's words meanwhile
 * @property {boolean} [danger] whether sending it destroys something
 * @property {string} [done] what is said at the form once it is sent
 * @property {boolean} [clears] whether what was typed goes once it is sent
 * @property {() => void} [cancel] adds a button that calls it
 * @property {Record<string, string>} [fieldOfCode] the field that an error code is about
 * @property {(values: Record<string, string>) => Promise<string | void>} send may give other words than `done`
 */

/**
 * @param {FormSpec} spec
 * @returns {HTMLFormElement}
 */
export function form(spec) {
  const fields = new Map(spec.fields.map((field) => [field.name, createField(field)]));
  const alert = h("div", { class: "alert", role: "alert", hidden: true });
  const done = h("p", { class: "form-done", role: "status" });
  const kind = spec.danger ? "button-danger" : "button-primary";
  const button = h("button", { class: `button ${kind}` }, spec.submit);
  const cancel =
    spec.cancel && h("button", { type: "button", class: "button", onclick: spec.cancel }, "Cancel");
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

  /** @param {string | null | undefined} words */
  function setDone(words) {
    done.replaceChildren(...(words ? [icon("check"), h("span", {}, words)] : []));
  }

  /** @param {Event} event */
  async function onSubmit(event) {
    event.preventDefault();
    if (busy) return;
    const values = Object.fromEntries([...fields].map(([name, { input }]) => [name, input.value]));
    const problems = new Map(spec.fields.map(({ name, check }) => [name, check?.(values[name]) ?? null]));
    setAlert(null);
    setDone(null);
    if (markAll(fields, problems)) return;
    setBusy(true);
    try {
      setDone((await spec.send(values)) ?? spec.done);
      if (spec.clears) element.reset();
    } catch (error) {
      const found = sortOut(error, fields, spec.fieldOfCode ?? {});
      setAlert(found.general);
      markAll(fields, found.problems);
    } finally {
      setBusy(false);
    }
  }

  const element = h(
    "form",
    { class: "form", novalidate: true, onsubmit: onSubmit },
    alert,
    ...[...fields.values()].map((field) => field.element),
    h("div", { class: "form-end" }, cancel, button, done),
  );
  return element;
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
    if (fields.has(field)) problems.set(field, wordsAt(error, issue));
  }
  return { problems, general: problems.size ? null : explain(error) };
}

/**
 * @param {ApiError} error
 * @param {string | undefined} issue
 */
function wordsAt(error, issue) {
  // A refusal at a field is about a password that was asked for again.
  if (error.code === "FORBIDDEN") return "This is not your current password.";
  return issue ? sentence(issue) : explain(error);
}
