// @ts-check
/** One file on its way, as a row that is updated in place. */

import { h, icon } from "./dom.js";
import { cancel, retry } from "./transfers.js";
import { duration, size } from "./words.js";

/** @typedef {import("./transfers.js").Transfer} Transfer */

const PHASES = {
  waiting: "Waiting for its turn",
  preparing: "Preparing",
  finishing: "Handing over to the checks",
};

/**
 * @param {Transfer} transfer
 * @param {() => void} onGone called when the user took the row away, to look after the focus
 * @returns {{element: HTMLLIElement, update: () => void}}
 */
export function transferRow(transfer, onGone) {
  const { file } = transfer;
  const progress = h("progress", { class: "progress", max: "1", "aria-label": `Upload of ${file.name}` });
  const meta = h("p", { class: "transfer-meta" });
  const problem = h("p", { class: "transfer-problem", hidden: true });
  const again = h(
    "button",
    {
      class: "button button-small",
      "aria-label": `Try again to upload ${file.name}`,
      onclick: () => retry(transfer),
    },
    "Try again",
  );
  const away = h("button", { class: "button button-quiet", onclick: takeAway }, "Cancel");
  const element = h(
    "li",
    { class: "transfer" },
    h("p", { class: "transfer-name" }, file.name),
    h("div", { class: "transfer-buttons" }, again, away),
    progress,
    meta,
    problem,
  );

  function takeAway() {
    cancel(transfer);
    onGone();
  }

  function update() {
    const failed = transfer.phase === "failed";
    element.classList.toggle("transfer-failed", failed);
    progress.hidden = failed || transfer.phase === "waiting";
    // Without a value the bar is indeterminate: something goes on, but there is nothing to count.
    if (transfer.phase === "preparing" || transfer.phase === "finishing") progress.removeAttribute("value");
    else progress.value = file.size ? transfer.loaded / file.size : 0;
    meta.hidden = failed;
    meta.textContent = describe(transfer);
    if (problem.hidden === failed) {
      problem.hidden = !failed;
      problem.replaceChildren(...(failed ? [icon("alert"), h("span", {}, transfer.problem)] : []));
    }
    again.hidden = !failed || !transfer.retriable;
    away.hidden = transfer.phase === "finishing";
    away.textContent = failed ? "Dismiss" : "Cancel";
    away.setAttribute("aria-label", failed ? `Dismiss ${file.name}` : `Cancel the upload of ${file.name}`);
  }

  update();
  return { element, update };
}

/** @param {Transfer} transfer */
function describe({ phase, loaded, speed, file }) {
  if (phase === "failed") return "";
  if (phase !== "sending") return `${PHASES[phase]} · ${size(file.size)}`;
  if (loaded >= file.size) return `${size(file.size)} sent, waiting for the storage to confirm`;
  const parts = [`${size(loaded)} of ${size(file.size)}`];
  if (speed) parts.push(`${size(speed)}/s`, `${duration((file.size - loaded) / speed)} left`);
  return parts.join(" · ");
}
