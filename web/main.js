// @ts-check
/** The page's start: which view is shown to whom, and the head that stands above all of them. */

import { accountView } from "./account.js";
import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { warnWhile } from "./download.js";
import { fileView } from "./file-view.js";
import { filesView } from "./files.js";
import { forgotView, requestVerificationView, resetView, verifyView } from "./recovery.js";
import { go, here, show } from "./router.js";
import { currentUser, hasSaved, logout, onChange, onRenew, restore } from "./session.js";
import { showToasts } from "./toasts.js";
import * as transfers from "./transfers.js";
import { usersView } from "./users.js";
import { loginView, registerView, setNotice } from "./welcome.js";
import { explain } from "./words.js";

/** @type {Record<string, import("./router.js").Route>} */
const ROUTES = {
  login: { access: "guest", view: loginView },
  register: { access: "guest", view: registerView },
  "forgot-password": { access: "any", view: forgotView },
  "reset-password": { access: "any", view: resetView },
  "request-verification": { access: "any", view: requestVerificationView },
  "verify-email": { access: "any", view: verifyView },
  files: { access: "user", view: filesView },
  file: { access: "user", view: fileView },
  account: { access: "user", view: accountView },
  users: { access: "admin", view: usersView },
};
const HOME = { guest: "login", user: "files" };

const NOTICES = {
  logout: null,
  unconfirmed:
    "You are logged out on this device, but the server could not be told. The session there ends by itself within a week.",
  ended: "Your session has ended. Log in again to go on.",
  disabled: "This account is disabled. Ask an administrator to enable it.",
  deleted: "Your account is deleted, and your files with it.",
};

/** Where somebody wanted to go before being asked to log in. */
let wanted = HOME.user;

function route() {
  const { name } = here();
  const user = currentUser();
  const found = ROUTES[name];
  if (found && isOpen(found.access)) {
    renderHead();
    show(found.view);
    return;
  }
  if (!user && found) wanted = location.hash.replace(/^#\/?/, "");
  go(user ? wanted : HOME.guest, { replace: true });
  if (user) wanted = HOME.user;
}

/** @param {import("./router.js").Route["access"]} access */
function isOpen(access) {
  const user = currentUser();
  if (access === "any") return true;
  if (access === "admin") return user?.role === "admin";
  return access === (user ? "user" : "guest");
}

function renderHead() {
  const user = currentUser();
  const [nav, who] = ["nav", "who"].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
  nav.replaceChildren(
    ...(user ? [link("files", "Files")] : []),
    ...(user?.role === "admin" ? [link("users", "Users")] : []),
  );
  who.replaceChildren(
    ...(user
      ? [
          h(
            "a",
            {
              class: "who-name",
              href: "#/account",
              title: user.email,
              "aria-current": here().name === "account" ? "page" : null,
            },
            h("span", { class: "visually-hidden" }, "Your account: "),
            user.username,
          ),
          h("button", { class: "button button-small", onclick: onLogout }, "Log out"),
        ]
      : []),
  );
}

/**
 * @param {string} name
 * @param {string} label
 */
function link(name, label) {
  return h("a", { href: `#/${name}`, "aria-current": here().name === name ? "page" : null }, label);
}

async function onLogout() {
  const question = {
    title: "Log out while files are uploading?",
    text: "The uploads that are not finished are cancelled.",
    confirm: "Log out",
  };
  if (transfers.isBusy() && !(await ask(question))) return;
  for (const transfer of transfers.current()) transfers.cancel(transfer);
  await logout();
}

/** @param {unknown} error */
function unreachable(error) {
  const again = h("button", { class: "button button-primary", onclick: start }, "Try again");
  const element = h(
    "div",
    { class: "page page-narrow" },
    h("h1", {}, "ReViewPoint can't be reached"),
    h("p", {}, explain(error)),
    again,
  );
  show(({ signal }) => {
    addEventListener("online", start, { signal });
    return { title: "No connection", element };
  });
}

async function start() {
  if (!hasSaved()) return route();
  try {
    await restore();
  } catch (error) {
    if (hasSaved()) unreachable(error);
  }
}

onChange((cause) => {
  if (!currentUser()) transfers.stopAll();
  if (cause) setNotice(NOTICES[cause]);
  route();
  // Who leaves on purpose does not come back to the same place, and perhaps as somebody else.
  if (cause === "logout" || cause === "deleted") wanted = HOME.user;
});
onRenew(renderHead);
addEventListener("hashchange", route);
warnWhile(transfers.isBusy);
showToasts();
// The skip link must not touch the fragment, which is the router's.
document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
});
void start();
