// @ts-check
/** Leaving the page: warned of while files are on their way, and not mixed up with a download. */

/** A navigation asks within this time whether it may leave. */
const ASKS_WITHIN_MS = 1_000;

let downloading = false;

/** @param {() => boolean} isBusy */
export function warnWhile(isBusy) {
  addEventListener("beforeunload", (event) => {
    if (isBusy() && !downloading) event.preventDefault();
  });
}

/**
 * Starts a download. To the browser it is a navigation, until the answer turns out to be an attachment.
 * @param {string} url
 */
export function startDownload(url) {
  downloading = true;
  setTimeout(() => {
    downloading = false;
  }, ASKS_WITHIN_MS);
  location.assign(url);
}
