// @ts-check
/** The views behind mailed links, and those that have one sent: password reset and verified addresses. */

import { call } from "./api.js";
import { checkEmail, checkPassword } from "./checks.js";
import { focusText, h } from "./dom.js";
import { form } from "./forms.js";
import { PASSWORD_HINT, welcome } from "./welcome.js";

/** @typedef {import("./router.js").View} View */

/**
 * The tokens of links that were opened, by the view they belong to. They live here because a view may be
 * built again, and not in the address bar, where bystanders, screenshots and the history would keep them.
 * @type {Map<string, string>}
 */
const tokens = new Map();

/**
 * @param {string} name of the view
 * @param {URLSearchParams} params
 */
function takeToken(name, params) {
  const token = params.get("token");
  if (token) {
    tokens.set(name, token);
    history.replaceState(null, "", `#/${name}`);
  }
  return tokens.get(name);
}

/** @returns {View} */
export function forgotView() {
  return askForLink({
    title: "Forgot your password?",
    intro: "Tell us the e-mail address of your account. We send you a link to choose a new password.",
    path: "/auth/request-password-reset",
    sent: "If there is an account with this address, a link is on its way to it. It works once, for an hour.",
  });
}

/**
 * @param {import("./router.js").Context} context
 * @returns {View}
 */
export function resetView({ params }) {
  const token = takeToken("reset-password", params);
  if (!token) return withoutToken("Choose a new password", "forgot-password");
  const fields = form({
    submit: "Save password",
    busy: "Saving…",
    fields: [
      {
        name: "new_password",
        label: "New password",
        type: "password",
        autocomplete: "new-password",
        check: checkPassword,
        hint: PASSWORD_HINT,
      },
    ],
    send: async ({ new_password }) => {
      await call("POST", "/auth/reset-password", { body: { token, new_password } });
      tokens.delete("reset-password");
      finish(
        view,
        "Your password is set",
        "Log in with it. Where you were logged in before, you are logged out now.",
      );
    },
  });
  const view = welcome("Choose a new password", null, fields, askAgain("forgot-password"));
  return view;
}

/** @returns {View} */
export function requestVerificationView() {
  return askForLink({
    title: "Verify your address",
    intro: "Tell us the address that is to be verified. We send a link to it.",
    path: "/auth/request-verification",
    sent: "If this address is to be verified, a link is on its way to it.",
  });
}

/**
 * @param {import("./router.js").Context} context
 * @returns {View}
 */
export function verifyView({ params }) {
  const token = takeToken("verify-email", params);
  if (!token) return withoutToken("Verify your address", "request-verification");
  // A click, not the opening of the page: programs that look into mails open links too.
  const fields = form({
    submit: "Verify this address",
    busy: "Verifying…",
    fields: [],
    send: async () => {
      await call("POST", "/auth/verify-email", { body: { token } });
      tokens.delete("verify-email");
      finish(view, "Your address is verified", "Thank you. Nothing else is to be done.");
    },
  });
  const view = welcome("Verify your address", null, fields, askAgain("request-verification"));
  return view;
}

/**
 * @param {{title: string, intro: string, path: string, sent: string}} spec
 * @returns {View}
 */
function askForLink({ title, intro, path, sent }) {
  const fields = form({
    submit: "Send the link",
    busy: "Sending…",
    fields: [
      { name: "email", label: "E-mail address", type: "email", autocomplete: "email", check: checkEmail },
    ],
    done: sent,
    send: async ({ email }) => {
      await call("POST", path, { body: { email: email.trim() } });
    },
  });
  return welcome(title, null, h("p", { class: "aside" }, intro), fields, backToLogin());
}

/**
 * @param {string} title
 * @param {string} source of a new link
 */
function withoutToken(title, source) {
  const words = "This page needs the link from our mail. Open it there once more, or ask for a new one.";
  return welcome(title, words, askAgain(source), backToLogin());
}

/**
 * Puts the outcome in place of the form.
 * @param {View} view
 * @param {string} title
 * @param {string} text
 */
function finish({ element }, title, text) {
  const heading = h("h1", {}, title);
  element
    .querySelector(".welcome-form")
    ?.replaceChildren(
      heading,
      h("p", { class: "aside" }, text),
      h("a", { class: "button button-primary", href: "#/login" }, "Go on to log in"),
    );
  document.title = `${title} · ReViewPoint`;
  focusText(heading);
}

/** @param {string} source */
function askAgain(source) {
  return h("p", { class: "aside" }, h("a", { href: `#/${source}` }, "Ask for a new link"));
}

function backToLogin() {
  return h("p", { class: "aside" }, h("a", { href: "#/login" }, "Back to the log-in"));
}
