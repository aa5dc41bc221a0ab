// @ts-check
/** What administrators do with accounts, each with its question. */

import { isGone, newKey } from "./api.js";
import { checkEmail, checkPassword, checkUsername } from "./checks.js";
import { ask, askForm } from "./dialog.js";
import { currentUser, renew, request } from "./session.js";
import { PASSWORD_HINT } from "./welcome.js";

/** @typedef {import("./user-row.js").Account} Account */

/**
 * @param {(account: Account) => void} onChanged
 * @param {(account: Account) => void} onGone
 * @returns {import("./user-row.js").AccountActions}
 */
export function accountActions(onChanged, onGone) {
  /**
   * @param {Account} account
   * @param {Partial<Account>} body
   */
  async function change({ id }, body) {
    const changed = await request("PUT", `/users/${id}`, { body });
    onChanged(changed);
    const self = currentUser();
    if (self?.id !== id) return;
    renew({ ...self, role: changed.role });
    location.hash = "#/files";
  }

  return {
    async edit(account) {
      await askForm({
        title: `Edit ${account.username}`,
        text: "The user logs in with the new name or address from now on.",
        submit: "Save",
        busy: "Saving…",
        fields: [
          { name: "username", label: "Username", value: account.username, check: checkUsername },
          { name: "email", label: "E-mail address", type: "email", value: account.email, check: checkEmail },
        ],
        fieldOfCode: { USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" },
        send: ({ username, email }) => change(account, { username, email: email.trim() }),
      });
    },
    async toggleRole(account) {
      const promoted = account.role !== "admin";
      if (!(await ask(promoted ? promotion(account) : demotion(account)))) return;
      await change(account, { role: promoted ? "admin" : "user" });
    },
    async toggleActive(account) {
      if (account.is_active && !(await ask(disabling(account)))) return;
      await change(account, { is_active: !account.is_active });
    },
    async sendReset({ id, username, email }) {
      const sure = await ask({
        title: `Send ${username} a reset link?`,
        text: `A link to set a new password goes to ${email}. The present password works until then.`,
        confirm: "Send the link",
        danger: false,
      });
      if (!sure) return;
      await request("POST", `/users/${id}/password-reset`);
      return "A reset link is on its way.";
    },
    async remove(account) {
      if (!(await ask(deletion(account)))) return;
      await request("DELETE", `/users/${account.id}`).catch((error) => {
        // Somebody else was faster: what was wanted is done.
        if (!isGone(error)) throw error;
      });
      onGone(account);
    },
  };
}

/** @param {Account} account */
function promotion({ username }) {
  return {
    title: `Make ${username} an administrator?`,
    text: "Administrators see all accounts and all files, and can change and delete them.",
    confirm: "Make administrator",
    danger: false,
  };
}

/** @param {Account} account */
function demotion({ id, username }) {
  const self = id === currentUser()?.id;
  return {
    title: self ? "Give up your administrator’s role?" : `Make ${username} an ordinary user?`,
    text: self
      ? "You lose this page at once. Only another administrator can give the role back to you."
      : "They lose access to other people’s accounts and files at once.",
    confirm: self ? "Give it up" : "Make ordinary user",
  };
}

/** @param {Account} account */
function disabling({ username }) {
  return {
    title: `Disable ${username}?`,
    text: "They are logged out everywhere at once, and can’t log in until the account is enabled again. Their files stay.",
    confirm: "Disable",
  };
}

/** @param {Account} account */
function deletion({ username, email }) {
  return {
    title: `Delete ${username} for good?`,
    text: `The account of ${email} and all its files are deleted. Nobody can bring them back.`,
    confirm: "Delete for good",
  };
}

/**
 * Asks for a new account and makes it.
 * @returns {Promise<string | null>} what was done, in words
 */
export async function createAccount() {
  // The same for every try: a second one after a lost answer makes no second account.
  const key = newKey();
  let words = null;
  await askForm({
    title: "New user",
    text: "Without a password the user gets a mail with a link to set one.",
    submit: "Create",
    busy: "Creating…",
    fields: [
      { name: "username", label: "Username", check: checkUsername },
      { name: "email", label: "E-mail address", type: "email", check: checkEmail },
      {
        name: "role",
        label: "Role",
        options: [
          ["user", "User"],
          ["admin", "Administrator"],
        ],
      },
      {
        name: "password",
        label: "Password (optional)",
        type: "password",
        autocomplete: "new-password",
        optional: true,
        hint: PASSWORD_HINT,
        check: (value) => (value ? checkPassword(value) : null),
      },
    ],
    fieldOfCode: { USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" },
    send: async ({ password, email, ...rest }) => {
      const body = { ...rest, email: email.trim(), ...(password && { password }) };
      const made = await request("POST", "/users", { body, headers: { "Idempotency-Key": key } });
      words = password
        ? `${made.username} is created.`
        : `${made.username} is created. An invitation is on its way to ${made.email}.`;
    },
  });
  return words;
}
