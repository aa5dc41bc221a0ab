// @ts-check
/** The administrators' view of all accounts. */

import { broadcastCard } from "./broadcast.js";
import { announce, focusText, h } from "./dom.js";
import { exportMenu } from "./exports.js";
import { filters } from "./filters.js";
import { Paged, isAbort } from "./paged.js";
import { sync } from "./rows.js";
import { accountActions, createAccount } from "./user-actions.js";
import { userRow } from "./user-row.js";
import { countWords, explain, plural } from "./words.js";

/** @typedef {import("./user-row.js").Account} Account */

/** @type {import("./filters.js").Choice[]} */
const CHOICES = [
  {
    name: "role",
    label: "Role",
    options: [
      ["", "Any role"],
      ["user", "Users"],
      ["admin", "Administrators"],
    ],
  },
  {
    name: "is_active",
    label: "Status",
    options: [
      ["", "Any status"],
      ["true", "Active"],
      ["false", "Disabled"],
    ],
  },
  {
    name: "sort",
    label: "Order",
    options: [
      ["", "Newest first"],
      ["created_at", "Oldest first"],
      ["username", "By username"],
    ],
  },
];

/**
 * @param {import("./router.js").Context} context
 * @returns {import("./router.js").View}
 */
export function usersView({ signal }) {
  const heading = h("h1", {}, "Users");
  const list = userList(signal, heading);
  const element = h(
    "div",
    { class: "page" },
    h("div", { class: "page-head" }, heading, list.count),
    list.element,
    broadcastCard(),
  );
  return { title: "Users", element };
}

/**
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the row that had it is gone
 */
function userList(signal, heading) {
  const count = h("p", { class: "count" });
  const body = h("tbody", { role: "rowgroup" });
  const table = h("table", { class: "files users", role: "table", "aria-label": "Users" }, tableHead(), body);
  const message = h("p", { class: "empty" }, "Loading the users…");
  const done = h("p", { class: "form-done", role: "status" });
  const problem = h("p", { class: "problem", role: "alert" });
  const moreButton = h("button", { class: "button", onclick: showMore, hidden: true }, "Show more");
  const tools = filters({ search: "Search by name or address", choices: CHOICES }, onQuery, signal);
  /** @type {Map<string, ReturnType<typeof userRow>>} */
  const rows = new Map();
  /** @type {Paged<Account>} */
  const list = new Paged("/users", render, signal);
  const actions = accountActions(
    (account) => list.replace(account),
    ({ id, username }) => {
      list.remove([id]);
      announce(`${username} is deleted.`);
      focusText(heading);
    },
  );
  const element = h(
    "section",
    { "aria-label": "List of users" },
    h(
      "div",
      { class: "toolbar" },
      ...tools.controls,
      exportMenu("/users/export", tools.query, (error) => say(explain(error))),
      h("button", { class: "button button-primary", onclick: create }, "New user"),
    ),
    done,
    problem,
    table,
    message,
    h("div", { class: "more" }, moreButton),
  );

  function render() {
    sync(
      body,
      rows,
      list.items,
      ({ id }) => id,
      (account) => userRow(account, actions),
    );
    table.hidden = !list.items.length;
    moreButton.hidden = !list.nextCursor;
    count.textContent = countWords(list.items.length, list.total, "user");
    message.hidden = list.items.length > 0;
    message.textContent = "Nobody matches.";
  }

  /** @param {string} words */
  function say(words) {
    problem.textContent = words;
  }

  /**
   * @param {() => Promise<void>} work
   * @returns {Promise<boolean>} whether it is done
   */
  async function attempt(work) {
    say("");
    try {
      await work();
      return true;
    } catch (error) {
      if (!isAbort(error)) say(explain(error));
      return false;
    }
  }

  /** @param {Record<string, string>} query */
  async function onQuery(query) {
    done.textContent = "";
    if (await attempt(() => list.ask(query))) announce(`${count.textContent || "Nobody"} found.`);
  }

  async function showMore() {
    const before = body.children.length;
    if (!(await attempt(() => list.more()))) return;
    announce(`${plural(body.children.length - before, "more user")} shown.`);
    if (moreButton.hidden) focusText(body.children[before]?.querySelector("th"));
  }

  async function create() {
    done.textContent = "";
    const words = await createAccount();
    if (!words) return;
    done.textContent = words;
    await attempt(() => list.load());
  }

  void attempt(() => list.load());
  return { element, count };
}

function tableHead() {
  const columns = ["User", "Role", "Status", "Since", h("span", { class: "visually-hidden" }, "Actions")];
  return h(
    "thead",
    { role: "rowgroup" },
    h(
      "tr",
      { role: "row" },
      ...columns.map((label) => h("th", { role: "columnheader", scope: "col" }, label)),
    ),
  );
}
