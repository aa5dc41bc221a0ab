// @ts-check
/** A copy of all that is one's own: asked for, made meanwhile, and fetched. */

import { announce, focusText, h, icon } from "./dom.js";
import { startDownload } from "./download.js";
import { isAbort } from "./paged.js";
import { request } from "./session.js";
import { isConnected, onConnection, onNotice } from "./socket.js";
import { dateTime, explain } from "./words.js";

/** @typedef {{status: "none" | "pending" | "ready" | "failed", expires_at: string | null, url?: string}} Copy */

const PATH = "/users/me/export";
const STATES = {
  none: "",
  pending: "Your copy is being made. You may leave this page: a mail tells you when it is there.",
  failed: "Your copy could not be made. Please ask for it again.",
};

/**
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the button that had it is gone
 */
export function ownData(signal, heading) {
  const state = h("p");
  const problem = h("p", { class: "problem", role: "alert" });
  const orderButton = h("button", { class: "button", onclick: order, hidden: true });
  const takeButton = h(
    "button",
    { class: "button button-primary", onclick: take, hidden: true },
    icon("download"),
    "Download your data",
  );
  let asked = 0;

  /** @param {Copy} copy */
  function render({ status, expires_at: end }) {
    const ready = status === "ready";
    state.textContent = ready
      ? `Your copy is ready. You can download it until ${dateTime(end ?? "")}.`
      : STATES[status];
    state.hidden = !state.textContent;
    takeButton.hidden = !ready;
    orderButton.hidden = status === "pending";
    orderButton.textContent = ready ? "Make a new copy" : "Make a copy of my data";
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

  /** @returns {Promise<Copy>} */
  async function look() {
    asked += 1;
    const mine = asked;
    const copy = await request("GET", PATH, { signal });
    // Of answers that overtake each other the last asked for counts.
    if (mine === asked) render(copy);
    return copy;
  }

  async function load() {
    await attempt(async () => {
      await look();
    });
  }

  async function order() {
    await attempt(async () => {
      await request("POST", PATH);
      await look();
      announce(state.textContent);
      focusText(heading);
    });
  }

  async function take() {
    await attempt(async () => {
      // The link lives for a minute, so it is asked for when it is needed.
      const { url } = await look();
      if (url) startDownload(url);
    });
  }

  onNotice(({ type }) => {
    if (type === "export.ready") void load();
  }, signal);
  onConnection(() => {
    if (isConnected()) void load();
  }, signal);
  void load();
  return [state, problem, h("div", { class: "form-end" }, takeButton, orderButton)];
}
