// @ts-check
/** Where a user is logged in, and the ends of it. */

import { device } from "./device.js";
import { ask } from "./dialog.js";
import { announce, focusText, h, icon } from "./dom.js";
import { isGone } from "./api.js";
import { Paged, isAbort } from "./paged.js";
import { sync } from "./rows.js";
import { request } from "./session.js";
import { dayInside, explain } from "./words.js";

/**
 * @typedef {{id: string, created_at: string, last_used_at: string, user_agent: string | null,
 *   ip: string | null, current: boolean}} Session
 */

/**
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the row that had it is gone
 */
export function sessionList(signal, heading) {
  const items = h("ul", { class: "plain-list", role: "list" });
  const problem = h("p", { class: "problem", role: "alert" });
  const othersButton = h(
    "button",
    { class: "button", onclick: endOthers, hidden: true },
    "Log out all others",
  );
  const moreButton = h("button", { class: "button button-quiet", onclick: more, hidden: true }, "Show more");
  const rows = new Map();
  /** @type {Paged<Session>} */
  const list = new Paged("/auth/sessions", render, signal);

  function render() {
    const ordered = [...list.items].sort((a, b) => Number(b.current) - Number(a.current));
    sync(
      items,
      rows,
      ordered,
      ({ id }) => id,
      (session) => sessionRow(session, end),
    );
    othersButton.hidden = !list.items.some(({ current }) => !current);
    moreButton.hidden = !list.nextCursor;
  }

  /** @param {() => Promise<void>} work */
  async function attempt(work) {
    problem.textContent = "";
    try {
      await work();
    } catch (error) {
      if (!isAbort(error)) problem.textContent = explain(error);
    }
  }

  function more() {
    return attempt(() => list.more());
  }

  /** @param {Session} session */
  function end(session) {
    return attempt(async () => {
      await endSession(session.id);
      list.remove([session.id]);
      announce(`${device(session.user_agent)} is logged out.`);
      focusText(heading);
    });
  }

  async function endOthers() {
    const question = {
      title: "Log out everywhere else?",
      text: "All other browsers and devices must log in again.",
      confirm: "Log out all others",
    };
    if (!(await ask(question))) return;
    await attempt(async () => {
      while (list.nextCursor) await list.more();
      const others = list.items.filter(({ current }) => !current);
      for (const { id } of others) {
        await endSession(id);
        list.remove([id]);
      }
      announce("You are logged out everywhere else.");
      focusText(heading);
    });
  }

  void attempt(() => list.load());
  return [items, problem, h("div", { class: "form-end" }, othersButton, moreButton)];
}

/** @param {string} id */
async function endSession(id) {
  await request("DELETE", `/auth/sessions/${id}`).catch((error) => {
    // It ended by itself meanwhile: what was wanted is done.
    if (!isGone(error)) throw error;
  });
}

/**
 * @param {Session} session
 * @param {(session: Session) => void} end
 */
function sessionRow(session, end) {
  const name = device(session.user_agent);
  const when = h("p", { class: "hint" });
  const element = h(
    "li",
    { class: "plain-item" },
    h(
      "div",
      { class: "plain-words" },
      h(
        "p",
        { title: session.user_agent },
        name,
        session.current && h("span", { class: "badge badge-good" }, icon("check"), "This device"),
      ),
      when,
    ),
    !session.current &&
      h(
        "button",
        { class: "button button-small", "aria-label": `Log out ${name}`, onclick: () => end(session) },
        "Log out",
      ),
  );

  /** @param {Session} next */
  function update(next) {
    const from = next.ip ? ` from ${next.ip}` : "";
    when.textContent = `Last used ${dayInside(next.last_used_at)}${from} · since ${dayInside(next.created_at)}`;
  }

  update(session);
  return { element, update };
}
