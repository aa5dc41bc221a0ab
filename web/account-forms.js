// @ts-check
/** What users change of their own accounts. */

import { checkEmail, checkPassword, checkUsername, required } from "./checks.js";
import { askForm } from "./dialog.js";
import { form } from "./forms.js";
import { currentUser, leave, renew, request } from "./session.js";
import { PASSWORD_HINT } from "./welcome.js";

/** @typedef {import("./session.js").User} User */

/** @param {User} user */
export function profileForm(user) {
  return form({
    submit: "Save",
    busy: "Saving…",
    done: "Saved.",
    fields: [
      {
        name: "username",
        label: "Username",
        value: user.username,
        autocomplete: "username",
        check: checkUsername,
      },
      {
        name: "email",
        label: "E-mail address",
        type: "email",
        value: user.email,
        autocomplete: "email",
        check: checkEmail,
      },
    ],
    fieldOfCode: { USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" },
    send: saveProfile,
  });
}

/** @param {Record<string, string>} values */
async function saveProfile({ username, email: typed }) {
  const user = /** @type {User} */ (currentUser());
  const email = typed.trim();
  const body = {
    ...(username !== user.username && { username }),
    ...(email !== user.email && { email }),
  };
  if (!Object.keys(body).length) return "There was nothing to change.";
  const saved = await request("PUT", "/users/me", { body });
  renew(saved);
  // Where addresses must be verified, the old one stays until then.
  if (body.email && saved.email.toLowerCase() !== email.toLowerCase())
    return `We sent a link to ${email}. The address changes when you open it.`;
}

export function passwordForm() {
  return form({
    submit: "Change password",
    busy: "Changing…",
    done: "Your password is changed. You are logged out everywhere else.",
    clears: true,
    fields: [
      {
        name: "current_password",
        label: "Current password",
        type: "password",
        autocomplete: "current-password",
        check: required("your current password"),
      },
      {
        name: "new_password",
        label: "New password",
        type: "password",
        autocomplete: "new-password",
        check: checkPassword,
        hint: PASSWORD_HINT,
      },
    ],
    send: async (body) => {
      await request("POST", "/auth/change-password", { body });
    },
  });
}

/** Asks for the password, and deletes the account. */
export async function deleteAccount() {
  const deleted = await askForm({
    title: "Delete your account?",
    text:
      "Your account and all your files are deleted at once and for good, also for those you shared them with. " +
      "Nobody can bring them back.",
    submit: "Delete for good",
    busy: "Deleting…",
    danger: true,
    fields: [
      {
        name: "password",
        label: "Your password",
        type: "password",
        autocomplete: "current-password",
        check: required("your password"),
      },
    ],
    send: async (body) => {
      await request("DELETE", "/users/me", { body });
    },
  });
  if (deleted) leave("deleted");
}
