// @ts-check
/** The administrators' message to everybody who is on the page. */

import { h } from "./dom.js";
import { form } from "./forms.js";
import { request } from "./session.js";

const LIMIT = 1_000;

export function broadcastCard() {
  const fields = form({
    submit: "Send to everybody",
    busy: "Sending…",
    done: "Sent.",
    clears: true,
    fields: [
      { name: "message", label: "Message", rows: 3, check: checkMessage },
      {
        name: "level",
        label: "Kind",
        options: [
          ["info", "Information"],
          ["warning", "Warning"],
          ["error", "Fault"],
        ],
      },
    ],
    send: async ({ message, level }) => {
      await request("POST", "/notifications/broadcast", { body: { message: message.trim(), level } });
    },
  });
  return h(
    "section",
    { class: "card setting broadcast", "aria-labelledby": "broadcast" },
    h("h2", { id: "broadcast" }, "Message to everybody"),
    h(
      "div",
      {},
      h(
        "p",
        { class: "aside" },
        "Everybody who has the page open sees it now, others when they come back within a day.",
      ),
      fields,
    ),
  );
}

/** @param {string} value */
function checkMessage(value) {
  if (!value.trim()) return "Enter a message.";
  return [...value].length > LIMIT ? "A message has at most 1,000 characters." : null;
}
