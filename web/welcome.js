// @ts-check
/** The views of somebody who is not logged in. */

import { ApiError } from "./api.js";
import { checkEmail, checkPassword, checkUsername, required } from "./checks.js";
import { h, icon } from "./dom.js";
import { form } from "./forms.js";
import { login, register } from "./session.js";

export const PASSWORD_HINT =
  "At least 8 characters. Three or four unrelated words are hard to guess and easy to keep in mind.";

const FACTS = [
  ["Private", "Only you see a file until you decide to share it."],
  [
    "Checked",
    "Each file is compared with its SHA-256 fingerprint and examined before anybody can download it.",
  ],
  ["Unaltered", "What you download is, byte for byte, the version that was checked."],
];

/** @type {string | null} */
let notice = null;

/**
 * Leaves a message for the next time the log-in form is shown.
 * @param {string | null} text
 */
export function setNotice(text) {
  notice = text;
}

/** @returns {import("./router.js").View} */
export function loginView() {
  const said = notice;
  notice = null;
  const newLink = h(
    "p",
    { hidden: true },
    "No mail? ",
    h("a", { href: "#/request-verification" }, "Ask for a new link"),
  );
  const fields = form({
    submit: "Log in",
    busy: "Logging in…",
    fields: [
      {
        name: "username",
        label: "Username or e-mail address",
        autocomplete: "username",
        check: required("your username or e-mail address"),
      },
      {
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "current-password",
        check: required("your password"),
      },
    ],
    send: async ({ username, password }) => {
      try {
        await login(username.trim(), password);
      } catch (error) {
        newLink.hidden = !isUnverified(error);
        throw error;
      }
    },
  });
  return welcome(
    "Log in",
    said,
    fields,
    h(
      "div",
      { class: "aside" },
      newLink,
      h("p", {}, h("a", { href: "#/forgot-password" }, "Forgot your password?")),
      h("p", {}, "New here? ", h("a", { href: "#/register" }, "Create an account")),
    ),
  );
}

/** @returns {import("./router.js").View} */
export function registerView() {
  const fields = form({
    submit: "Create account",
    busy: "Creating your account…",
    fields: [
      {
        name: "username",
        label: "Username",
        autocomplete: "username",
        check: checkUsername,
        hint: "3 to 50 letters, digits, dots, hyphens or underscores.",
      },
      { name: "email", label: "E-mail address", type: "email", autocomplete: "email", check: checkEmail },
      {
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "new-password",
        check: checkPassword,
        hint: PASSWORD_HINT,
      },
    ],
    fieldOfCode: { USERNAME_TAKEN: "username", EMAIL_TAKEN: "email" },
    send: createAccount,
  });
  return welcome(
    "Create your account",
    null,
    fields,
    h("p", { class: "aside" }, "Have an account? ", h("a", { href: "#/login" }, "Log in")),
  );
}

/** @param {Record<string, string>} values */
async function createAccount({ username, email, password }) {
  await register({ username, email: email.trim(), password });
  try {
    await login(username, password);
  } catch (error) {
    // The account is there: whatever hinders the log-in is said where it can be tried again.
    setNotice(
      isUnverified(error)
        ? "Your account is there. We sent you a mail: open the link in it, then log in."
        : "Your account is there. Log in with it.",
    );
    location.hash = "#/login";
  }
}

/** @param {unknown} error */
function isUnverified(error) {
  return error instanceof ApiError && error.code === "EMAIL_NOT_VERIFIED";
}

/**
 * The frame of these views: the form, and beside it what the platform promises.
 * @param {string} title
 * @param {string | null} said
 * @param {...HTMLElement} content
 * @returns {import("./router.js").View}
 */
export function welcome(title, said, ...content) {
  const element = h(
    "div",
    { class: "page welcome" },
    h(
      "div",
      { class: "card welcome-form" },
      h("h1", {}, title),
      said && h("div", { class: "notice" }, icon("alert"), h("p", {}, said)),
      ...content,
    ),
    h(
      "section",
      { class: "welcome-words", "aria-labelledby": "promise" },
      h("h2", { class: "promise", id: "promise" }, "Manuscripts and figures, kept safe for review."),
      h("dl", { class: "facts" }, ...FACTS.flatMap(([term, text]) => [h("dt", {}, term), h("dd", {}, text)])),
    ),
  );
  return { title, element };
}
