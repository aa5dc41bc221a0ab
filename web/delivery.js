// @ts-check
/** Takes one file to the server: reserve, send to storage, hand over to the checks. */

import { ApiError, hex, newKey } from "./api.js";
import { putBytes } from "./put.js";
import { request } from "./session.js";
import { ACCEPTED, explain, sentence, size } from "./words.js";

const ATTEMPTS = 3;
/** Up to this size the fingerprint is taken in the browser: the digest needs the whole file in memory. */
const HASH_LIMIT = 10 * 1024 * 1024;

const TYPES = /** @type {Record<string, string>} */ ({
  pdf: "application/pdf",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  txt: "text/plain",
});

/** @typedef {import("./put.js").SignedPut} SignedPut */
/** @typedef {import("./uploads.js").Upload} Upload */
/**
 * What is known of one delivery; it outlives a failure, so that trying again goes on from there.
 * @typedef {object} Delivery
 * @property {File} file
 * @property {string | null} uploadId once it is reserved
 * @property {string} key makes the reservation idempotent
 * @property {AbortSignal} signal
 * @property {(phase: "preparing" | "sending" | "finishing") => void} onPhase
 * @property {(loaded: number) => void} onProgress bytes sent
 */

/** An end of a delivery, in words for its user. */
export class DeliveryError extends Error {
  /**
   * @param {string} message
   * @param {boolean} retriable whether trying again can help
   */
  constructor(message, retriable) {
    super(message);
    this.retriable = retriable;
  }
}

/**
 * @param {Delivery} delivery
 * @returns {Promise<Upload>}
 * @throws {DeliveryError} or whatever the signal was aborted with
 */
export async function deliver(delivery) {
  try {
    enter(delivery, "preparing");
    const put = delivery.uploadId ? await signAgain(delivery) : await reserve(delivery);
    if (put) {
      enter(delivery, "sending");
      await send(delivery, put);
    }
    enter(delivery, "finishing");
    return await request("POST", `/uploads/${delivery.uploadId}/complete`);
  } catch (error) {
    throw error instanceof ApiError ? inWords(error, delivery.file) : error;
  }
}

/**
 * @param {Delivery} delivery
 * @param {"preparing" | "sending" | "finishing"} phase
 */
function enter({ signal, onPhase }, phase) {
  signal.throwIfAborted();
  onPhase(phase);
}

/**
 * @param {Delivery} delivery
 * @returns {Promise<SignedPut>}
 */
async function reserve(delivery) {
  const { file, signal, key } = delivery;
  const body = {
    filename: file.name,
    content_type: contentType(file),
    file_size: file.size,
    ...(await fingerprint(file)),
  };
  signal.throwIfAborted();
  // A cancel does not abort this call: only its answer names the reservation to take back.
  const answer = await request("POST", "/uploads/", { body, headers: { "Idempotency-Key": key } });
  delivery.uploadId = answer.id;
  if (signal.aborted) release(delivery);
  signal.throwIfAborted();
  return answer.upload ?? signAgain(delivery);
}

/**
 * Takes back what a delivery reserved.
 * @param {Delivery} delivery
 */
export function release({ uploadId }) {
  // Should this fail, the server's own sweep lets the reservation go.
  if (uploadId) request("DELETE", `/uploads/${uploadId}`).catch(() => {});
}

/** @param {File} file */
function contentType(file) {
  const extension = file.name.split(".").pop()?.toLowerCase() ?? "";
  return TYPES[extension] ?? (file.type || "application/octet-stream");
}

/**
 * @param {File} file
 * @returns {Promise<{sha256?: string}>} empty for what is too large or where the browser has no digest
 */
async function fingerprint(file) {
  if (file.size > HASH_LIMIT || !crypto.subtle) return {};
  const bytes = await file.arrayBuffer().catch(() => {
    throw new DeliveryError(
      "This file can't be read. Was it moved, renamed or changed? Choose it again.",
      false,
    );
  });
  return { sha256: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) };
}

/**
 * A fresh URL for what is reserved already.
 * @param {Delivery} delivery
 * @returns {Promise<SignedPut | null>} null when the bytes are there already
 */
async function signAgain(delivery) {
  try {
    return await request("POST", `/uploads/${delivery.uploadId}/url`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== "NOT_FOUND" && error.code !== "UPLOAD_NOT_AVAILABLE") throw error;
    const upload = error.code === "NOT_FOUND" ? null : await request("GET", `/uploads/${delivery.uploadId}`);
    if (upload && upload.status !== "expired") return null;
    Object.assign(delivery, { uploadId: null, key: newKey() });
    return reserve(delivery);
  }
}

/**
 * @param {Delivery} delivery
 * @param {SignedPut} first
 */
async function send(delivery, first) {
  const { file, signal, onProgress } = delivery;
  /** @type {SignedPut | null} */
  let put = first;
  for (let attempt = 1; put; attempt += 1) {
    onProgress(0);
    const status = await putBytes(file, put, { signal, onProgress });
    // 412: an earlier attempt, whose answer was lost, has brought them.
    if ((status >= 200 && status < 300) || status === 412) return;
    if (status === 400)
      throw new DeliveryError("The file changed while it was being sent. Choose it again.", false);
    if (attempt === ATTEMPTS)
      throw new DeliveryError("The connection to the storage broke. Try again.", true);
    if (status === 403) put = await signAgain(delivery);
    else await pause(attempt * 1_000, signal);
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/**
 * @param {ApiError} error
 * @param {File} file
 */
function inWords(error, file) {
  if (error.code === "UPLOAD_NOT_AVAILABLE")
    return new DeliveryError("The upload took too long. Start it again.", true);
  if (error.code !== "VALIDATION_ERROR") return new DeliveryError(explain(error), true);
  const said = error.fields.map(({ field, issue = "" }) => {
    if (field === "content_type") return `This type of file is not accepted. Upload ${ACCEPTED}.`;
    if (field === "file_size") return `This file is too large: it has ${size(file.size)}${limitIn(issue)}.`;
    return sentence(issue);
  });
  return new DeliveryError(said.join(" ") || explain(error), false);
}

/**
 * The limit is a setting of the server, which names it in bytes.
 * @param {string} issue "Must be from 1 to 10485760 bytes"
 */
function limitIn(issue) {
  const limit = Number(issue.match(/\d+/g)?.at(-1));
  return limit ? `, and ${size(limit)} is the most` : "";
}
