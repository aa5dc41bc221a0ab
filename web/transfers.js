// @ts-check
/** The files on their way, a few at a time; they go on while the user looks at another view. */

import { newKey } from "./api.js";
import { DeliveryError, deliver, release } from "./delivery.js";
import { explain } from "./words.js";

const PARALLEL = 3;
const SPEED_WINDOW_MS = 3_000;

/** @typedef {import("./uploads.js").Upload} Upload */
/**
 * @typedef {object} Progress
 * @property {number} id
 * @property {"waiting" | "preparing" | "sending" | "finishing" | "failed"} phase
 * @property {number} loaded bytes sent
 * @property {number | null} speed bytes per second, null while unknown
 * @property {string | null} problem what went wrong, in words
 * @property {boolean} retriable whether trying again can help
 * @property {AbortController} control
 * @property {{at: number, loaded: number}[]} samples
 *
 * @typedef {Progress & import("./delivery.js").Delivery} Transfer
 */

let lastId = 0;
/** @type {Transfer[]} */
let transfers = [];
const events = new EventTarget();

/** @returns {readonly Transfer[]} */
export function current() {
  return transfers;
}

export function isBusy() {
  return transfers.some(({ phase }) => phase !== "failed");
}

/**
 * @param {() => void} listener called at each change of any transfer
 * @param {AbortSignal} signal
 */
export function onChange(listener, signal) {
  events.addEventListener("change", listener, { signal });
}

/**
 * @param {(upload: Upload) => void} listener called when the server has an upload's bytes
 * @param {AbortSignal} signal
 */
export function onArrival(listener, signal) {
  events.addEventListener("arrival", (event) => listener(/** @type {CustomEvent} */ (event).detail), {
    signal,
  });
}

/** @param {Iterable<File>} files */
export function add(files) {
  for (const file of files) transfers.push(createTransfer(file));
  advance();
}

/**
 * Shows a file that is not even tried, with the reason.
 * @param {File} file
 * @param {string} problem
 */
export function refuse(file, problem) {
  transfers.push(Object.assign(createTransfer(file), { phase: "failed", problem, retriable: false }));
  changed();
}

/** @param {Transfer} transfer */
export function retry(transfer) {
  Object.assign(transfer, { phase: "waiting", loaded: 0, speed: null, problem: null, samples: [] });
  advance();
}

/**
 * Stops a transfer and takes back what it reserved.
 * @param {Transfer} transfer
 */
export function cancel(transfer) {
  transfer.control.abort();
  remove(transfer);
  release(transfer);
  advance();
}

/** Forgets everything, as when the user is gone. */
export function stopAll() {
  for (const { control } of transfers) control.abort();
  transfers = [];
  changed();
}

/**
 * @param {File} file
 * @returns {Transfer}
 */
function createTransfer(file) {
  const control = new AbortController();
  lastId += 1;
  /** @type {Transfer} */
  const transfer = {
    id: lastId,
    file,
    phase: "waiting",
    loaded: 0,
    speed: null,
    problem: null,
    retriable: true,
    uploadId: null,
    key: newKey(),
    control,
    signal: control.signal,
    samples: [],
    onPhase: (phase) => {
      transfer.phase = phase;
      changed();
    },
    onProgress: (loaded) => measure(transfer, loaded),
  };
  return transfer;
}

function changed() {
  events.dispatchEvent(new Event("change"));
}

/** @param {Transfer} transfer */
function remove(transfer) {
  transfers = transfers.filter((other) => other !== transfer);
}

/** Starts what waits, as far as there is room. */
function advance() {
  const running = transfers.filter(({ phase }) => phase !== "failed" && phase !== "waiting").length;
  const waiting = transfers.filter(({ phase }) => phase === "waiting");
  for (const transfer of waiting.slice(0, Math.max(0, PARALLEL - running))) void run(transfer);
  changed();
}

/** @param {Transfer} transfer */
async function run(transfer) {
  try {
    const upload = await deliver(transfer);
    remove(transfer);
    events.dispatchEvent(new CustomEvent("arrival", { detail: upload }));
  } catch (error) {
    if (transfer.signal.aborted) return;
    const known = error instanceof DeliveryError;
    Object.assign(transfer, {
      phase: "failed",
      problem: known ? error.message : explain(error),
      retriable: known ? error.retriable : true,
    });
  }
  advance();
}

/**
 * Notes how much is sent, and the speed over the last moments.
 * @param {Transfer} transfer
 * @param {number} loaded
 */
function measure(transfer, loaded) {
  const at = performance.now();
  const samples = loaded ? transfer.samples.filter((sample) => at - sample.at < SPEED_WINDOW_MS) : [];
  const start = samples[0];
  transfer.samples = [...samples, { at, loaded }];
  transfer.speed = start && at - start.at > 400 ? ((loaded - start.loaded) / (at - start.at)) * 1_000 : null;
  transfer.loaded = loaded;
  changed();
}
