// @ts-check
/** The view of one's own account. */

import { deleteAccount, passwordForm, profileForm } from "./account-forms.js";
import { activityList } from "./activity.js";
import { h } from "./dom.js";
import { ownData } from "./own-data.js";
import { sessionList } from "./session-list.js";
import { currentUser } from "./session.js";

const GOES_AND_STAYS =
  "Your account and your files are deleted for good. The security log keeps what was done with the account, " +
  "under a number instead of your name, with network address and browser, until its time of retention ends.";

const IN_THE_COPY =
  "A ZIP file with all that is stored about you: your profile, your sessions and sign-ins, and your files.";

/**
 * @param {import("./router.js").Context} context
 * @returns {import("./router.js").View}
 */
export function accountView({ signal }) {
  const user = /** @type {import("./session.js").User} */ (currentUser());
  const devices = h("h2", { id: "devices" }, "Where you are logged in");
  const data = h("h2", { id: "data" }, "Your data");
  const element = h(
    "div",
    { class: "page page-settings" },
    h("h1", {}, "Your account"),
    card(h("h2", { id: "profile" }, "Profile"), profileForm(user)),
    card(h("h2", { id: "password" }, "Password"), passwordForm()),
    card(devices, ...sessionList(signal, devices)),
    card(
      h("h2", { id: "activity" }, "Sign-in activity"),
      h("p", { class: "aside" }, "Something here that was not you? Change your password."),
      ...activityList(signal),
    ),
    card(data, h("p", { class: "aside" }, IN_THE_COPY), ...ownData(signal, data)),
    card(
      h("h2", { id: "delete" }, "Delete your account"),
      h("p", { class: "aside" }, GOES_AND_STAYS),
      h(
        "div",
        { class: "form-end" },
        h("button", { class: "button button-warn", onclick: deleteAccount }, "Delete my account…"),
      ),
    ),
  );
  return { title: "Your account", element };
}

/**
 * @param {HTMLHeadingElement} heading
 * @param {...Node} content
 */
function card(heading, ...content) {
  return h(
    "section",
    { class: "card setting", "aria-labelledby": heading.id },
    heading,
    h("div", {}, ...content),
  );
}
