// @ts-check
/** One account in the administrators' list, as a table row that is updated in place. */

import { h, icon } from "./dom.js";
import { menu } from "./menu.js";
import { currentUser } from "./session.js";
import { dateTime, day, explain } from "./words.js";

/**
 * @typedef {{id: string, username: string, email: string, role: "user" | "admin", is_active: boolean,
 *   created_at: string, updated_at: string}} Account
 *
 * What can be done with an account: each gives what is to be said at the row, and what it rejects with is said too.
 * @typedef {Record<"edit" | "toggleRole" | "toggleActive" | "sendReset" | "remove",
 *   (account: Account) => Promise<string | void>>} AccountActions
 */

/**
 * @param {Account} account
 * @param {AccountActions} actions
 */
export function userRow(account, actions) {
  const name = h("span", { class: "file-name" });
  const email = h("span", { class: "user-email" });
  const you = account.id === currentUser()?.id && h("span", { class: "badge" }, "You");
  const done = h("p", { class: "file-note", role: "status" });
  const problem = h("p", { class: "file-problem", role: "alert" });
  const role = h("td", { role: "cell", class: "cell-size" });
  const status = h("td", { role: "cell", class: "cell-status" });
  const since = h("td", { role: "cell", class: "cell-added" });
  const manage = h("td", { role: "cell", class: "cell-actions" });
  const element = h(
    "tr",
    { role: "row", class: "file" },
    h("th", { role: "rowheader", scope: "row", class: "cell-name" }, name, you, email, done, problem),
    role,
    status,
    since,
    manage,
  );

  /**
   * @param {keyof AccountActions} action
   * @param {Account} on
   */
  async function act(action, on) {
    done.textContent = "";
    problem.textContent = "";
    try {
      done.textContent = (await actions[action](on)) ?? "";
    } catch (error) {
      problem.textContent = explain(error);
    }
  }

  /** @param {Account} next */
  function items(next) {
    const toggleRole = {
      label: next.role === "admin" ? "Make an ordinary user…" : "Make an administrator…",
      act: () => act("toggleRole", next),
    };
    // One's own account has a view of its own.
    if (you) return [toggleRole];
    return [
      { label: "Edit…", act: () => act("edit", next) },
      toggleRole,
      { label: "Send a reset link…", act: () => act("sendReset", next) },
      { label: next.is_active ? "Disable…" : "Enable", act: () => act("toggleActive", next) },
      { label: "Delete…", act: () => act("remove", next), danger: true },
    ];
  }

  /** @param {Account} next */
  function update(next) {
    name.textContent = next.username;
    email.textContent = next.email;
    role.textContent = next.role === "admin" ? "Administrator" : "User";
    status.replaceChildren(
      next.is_active
        ? h("span", { class: "status status-available" }, icon("check"), "Active")
        : h("span", { class: "status status-rejected" }, icon("cross"), "Disabled"),
    );
    since.replaceChildren(
      h("time", { datetime: next.created_at, title: dateTime(next.created_at) }, day(next.created_at)),
    );
    const button = { label: "Manage", describe: `Manage ${next.username}`, quiet: true };
    manage.replaceChildren(menu(button, items(next)));
  }

  update(account);
  return { element, update };
}
