// @ts-check
/** A user's own sign-ins, those that failed too. */

import { device } from "./device.js";
import { h, icon } from "./dom.js";
import { isAbort, queryOf } from "./paged.js";
import { request } from "./session.js";
import { day, explain } from "./words.js";

/**
 * @typedef {{occurred_at: string, outcome: "success" | "failure", ip: string | null,
 *   user_agent: string | null}} SignIn
 */

const SHOWN = "5";

/** @param {AbortSignal} signal */
export function activityList(signal) {
  const items = h("ul", { class: "plain-list", role: "list" });
  const problem = h("p", { class: "problem", role: "alert" });
  const button = h("button", { class: "button", onclick: more, hidden: true }, "Show more");
  /** @type {string | null} */
  let cursor = null;

  async function more() {
    problem.textContent = "";
    try {
      const path = `/auth/activity${queryOf({ limit: SHOWN, cursor: cursor ?? "" })}`;
      const page = await request("GET", path, { signal });
      items.append(...page.items.map(signInRow));
      cursor = page.next_cursor;
      button.hidden = !cursor;
    } catch (error) {
      if (isAbort(error)) return;
      problem.textContent = explain(error);
      button.hidden = false;
    }
  }

  void more();
  return [items, problem, h("div", { class: "form-end" }, button)];
}

/** @param {SignIn} signIn */
function signInRow({ occurred_at: at, outcome, ip, user_agent: userAgent }) {
  const worked = outcome === "success";
  const mark = worked
    ? h("span", { class: "status status-available" }, icon("check"), "Logged in")
    : h("span", { class: "status status-rejected" }, icon("cross"), "Failed");
  return h(
    "li",
    { class: "plain-item" },
    h(
      "div",
      { class: "plain-words" },
      h("p", { title: userAgent }, device(userAgent)),
      h("p", { class: "hint" }, `${day(at)}${ip ? ` from ${ip}` : ""}`),
    ),
    mark,
  );
}
