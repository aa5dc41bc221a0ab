// @ts-check
/** The part of the view that shows the files on their way. */

import { focusText, h } from "./dom.js";
import { onNextFrame, sync } from "./rows.js";
import { transferRow } from "./transfer-row.js";
import * as transfers from "./transfers.js";
import { plural } from "./words.js";

/**
 * The files on their way; not there while there are none.
 * @param {AbortSignal} signal
 * @param {HTMLElement} heading takes the focus when the button that had it is gone
 */
export function sendingSection(signal, heading) {
  const title = h("h2", { id: "sending" });
  const items = h("ul", { class: "transfers", role: "list" });
  const element = h("section", { class: "card sending", "aria-labelledby": "sending" }, title, items);
  const rows = new Map();

  function render() {
    const all = transfers.current();
    const failed = all.filter(({ phase }) => phase === "failed").length;
    const going = all.length - failed;
    element.hidden = !all.length;
    title.textContent = going
      ? `Uploading ${plural(going, "file")}`
      : `${plural(failed, "file")} not uploaded`;
    sync(
      items,
      rows,
      all,
      ({ id }) => id,
      (transfer) => transferRow(transfer, () => focusText(heading)),
    );
  }

  transfers.onChange(onNextFrame(render, signal), signal);
  render();
  return element;
}
