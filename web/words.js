// @ts-check
/** What the page says: sizes, times, states and errors in words a person understands. */

import { ApiError } from "./api.js";

const LOCALE = navigator.language.startsWith("en") ? navigator.language : "en-GB";
const DATE_TIME = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeStyle: "short" });
const DATE = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });
const TIME = new Intl.DateTimeFormat(LOCALE, { timeStyle: "short" });
const NUMBER = new Intl.NumberFormat(LOCALE);
const PLURALS = new Intl.PluralRules("en");

/** What is to be chosen from, in the API's words and in ours. */
export const KINDS = /** @type {Record<string, string>} */ ({
  "application/pdf": "PDF",
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "text/plain": "Text",
});

export const ACCEPTED = "PDF, JPEG, PNG or plain text";

/**
 * @param {number} count
 * @param {string} noun in the singular
 */
export function plural(count, noun) {
  return `${NUMBER.format(count)} ${noun}${PLURALS.select(count) === "one" ? "" : "s"}`;
}

/**
 * How many are shown, "20 of 143 files".
 * @param {number} shown
 * @param {number | null} total null beyond what the server counts
 * @param {string} noun in the singular
 */
export function countWords(shown, total, noun) {
  if (!shown) return "";
  if (total === null) return `${shown} of more than ${plural(10_000, noun)}`;
  return shown < total ? `${shown} of ${plural(total, noun)}` : plural(total, noun);
}

/**
 * 1,536 → "1.5 KB", in steps of 1024 as the limits are.
 * @param {number} bytes
 */
export function size(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return plural(bytes, "byte");
  return `${value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : NUMBER.format(Math.round(value))} ${units[unit]}`;
}

/** @param {number} bytes */
export function exactSize(bytes) {
  return plural(bytes, "byte");
}

/** @param {string} iso */
export function dateTime(iso) {
  return DATE_TIME.format(new Date(iso));
}

/**
 * "Today, 14:05", "Yesterday, 14:05", or the date.
 * @param {string} iso
 */
export function day(iso) {
  const at = new Date(iso);
  const midnight = new Date().setHours(0, 0, 0, 0);
  const days = Math.round((midnight - new Date(iso).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return `Today, ${TIME.format(at)}`;
  if (days === 1) return `Yesterday, ${TIME.format(at)}`;
  return DATE.format(at);
}

/**
 * "today, 14:05", "yesterday, 14:05", or the date: within a sentence.
 * @param {string} iso
 */
export function dayInside(iso) {
  return day(iso).replace(/^(Today|Yesterday)/, (word) => word.toLowerCase());
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return plural(Math.max(1, Math.ceil(seconds)), "second");
  if (seconds < 3600) return plural(Math.ceil(seconds / 60), "minute");
  return plural(Math.ceil(seconds / 3600), "hour");
}

/**
 * "invalid email format" → "Invalid email format."
 * @param {string} text
 */
export function sentence(text) {
  const trimmed = text.trim();
  if (!trimmed) return trimmed;
  return trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

const REASONS = /** @type {Record<string, string>} */ ({
  SIZE_MISMATCH: "What arrived is not as long as the file that was announced. Upload it again.",
  TYPE_MISMATCH:
    "The content is not what the file's name says it is. Check the file and save it in the right format.",
  CHECKSUM_MISMATCH: "The file changed on its way. Upload it again.",
  CONTENT_INVALID: "The file is damaged or can't be opened safely. Export it anew and upload that.",
  MALWARE: "The malware scan found something harmful in this file.",
  SCAN_FAILED:
    "The file could not be scanned, which does not mean that it is infected. An administrator can have it scanned again.",
  CONTENT_MISSING: "The stored content is gone. Upload the file again.",
});

/**
 * Why an upload was rejected.
 * @param {string | null} code
 */
export function reason(code) {
  return REASONS[code ?? ""] ?? "The file did not pass the checks.";
}

const ERRORS = /** @type {Record<string, string>} */ ({
  NETWORK: "The server can't be reached. Check your connection and try again.",
  INVALID_CREDENTIALS: "The username or the password is not right.",
  ACCOUNT_DISABLED: "This account is disabled. Ask an administrator to enable it.",
  EMAIL_NOT_VERIFIED: "Your e-mail address is not verified yet. Open the link in the mail that we sent you.",
  USERNAME_TAKEN: "Somebody has this username already. Choose another.",
  EMAIL_TAKEN: "There is an account with this e-mail address already. Use that account, or another address.",
  RESET_TOKEN_INVALID: "This link is not complete. Copy it from the mail once more, or ask for a new one.",
  RESET_TOKEN_EXPIRED: "This link is too old. Ask for a new one.",
  RESET_TOKEN_USED: "This link was used already. Ask for a new one.",
  VERIFICATION_TOKEN_INVALID:
    "This link is not complete. Copy it from the mail once more, or ask for a new one.",
  VERIFICATION_TOKEN_EXPIRED: "This link is too old. Ask for a new one.",
  VERIFICATION_TOKEN_USED:
    "This link was used already. If your address is still not verified, ask for a new one.",
  LAST_ADMIN: "This is the only active administrator. Make somebody else an administrator first.",
  IDEMPOTENCY_CONFLICT: "This was sent before, with other contents. Close the form and begin anew.",
  FORBIDDEN: "You are not allowed to do this.",
  NOT_FOUND: "It is no longer there.",
  UPLOAD_NOT_AVAILABLE: "This file is not available.",
  PAYLOAD_TOO_LARGE: "That was too much to send at once.",
});

const QUOTAS = /** @type {Record<string, string>} */ ({
  bytes: "Your storage is full. Delete files that you no longer need, then try again.",
  files: "You have as many files as one may have. Delete some that you no longer need, then try again.",
  pending_uploads: "Too many uploads are unfinished. Wait for them, or delete those that are not finished.",
});

/**
 * A sentence for any error.
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  if (!(error instanceof ApiError)) return "Something went wrong on this page. Reload it and try again.";
  const wait = error.retryAfter ? `in ${duration(error.retryAfter)}` : "in a moment";
  if (error.code === "RATE_LIMITED") return `Too many attempts. Try again ${wait}.`;
  if (error.code === "SERVICE_UNAVAILABLE")
    return `The service is not available right now. Try again ${wait}.`;
  if (error.code === "VALIDATION_ERROR" && error.fields.length) {
    return error.fields.map(({ issue = "" }) => sentence(issue)).join(" ");
  }
  if (error.code === "QUOTA_EXCEEDED") return QUOTAS[error.details.limit] ?? QUOTAS.bytes;
  if (ERRORS[error.code]) return ERRORS[error.code];
  if (error.status < 500 && error.message) return sentence(error.message);
  const reference = error.requestId ? ` If it happens again, tell us this reference: ${error.requestId}` : "";
  return `Something went wrong on our side.${reference}`;
}
