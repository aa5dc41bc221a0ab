// @ts-check
/** The transport: one function that calls the API and one error class for all that can go wrong. */

const BASE = "/api/v1";
/** API Gateway itself gives up after 30 s. */
const TIMEOUT_MS = 31_000;

/** What the gateway or a proxy answers without the API's envelope. */
const CODE_OF_STATUS = /** @type {Record<number, string>} */ ({
  413: "PAYLOAD_TOO_LARGE",
  429: "RATE_LIMITED",
  502: "SERVICE_UNAVAILABLE",
  503: "SERVICE_UNAVAILABLE",
  504: "SERVICE_UNAVAILABLE",
});

/** @typedef {{field: string, issue?: string}} FieldError */

export class ApiError extends Error {
  /**
   * @param {{status: number, code: string, message?: string, details?: Record<string, any>,
   *   retryAfter?: number | null, requestId?: string | null}} facts
   */
  constructor({ status, code, message = "", details = {}, retryAfter = null, requestId = null }) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    /** @type {FieldError[]} */
    this.fields = details.errors ?? (details.field ? [details] : []);
    /** Seconds the server asks to wait. */
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }
}

/**
 * Whether what was asked for is not there any more.
 * @param {unknown} error
 */
export function isGone(error) {
  return error instanceof ApiError && error.status === 404;
}

/** Like a UUID; `randomUUID` itself exists in secure contexts only. */
export function newKey() {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @typedef {object} CallOptions
 * @property {unknown} [body] sent as JSON
 * @property {string | null} [token] sent as Bearer
 * @property {Record<string, string>} [headers]
 * @property {number} [timeout] milliseconds
 * @property {AbortSignal} [signal]
 */

/**
 * Calls the API and gives the answer's JSON, or null where there is none.
 * @param {string} method
 * @param {string} path below the base path
 * @param {CallOptions} [options]
 * @returns {Promise<any>}
 * @throws {ApiError} also with code `NETWORK` when there is no answer; an `AbortError` when the caller's signal fires
 */
export async function call(method, path, { body, token, headers = {}, timeout = TIMEOUT_MS, signal } = {}) {
  // The page's own id of the request: it leads to the log lines also where no answer came.
  const requestId = newKey();
  const sent = new Headers({ ...headers, "X-Request-ID": requestId });
  if (token) sent.set("Authorization", `Bearer ${token}`);
  if (body !== undefined) sent.set("Content-Type", "application/json");
  const deadline = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(BASE + path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    if (response.ok) return response.status === 204 ? null : await response.json();
    throw await errorOf(response, requestId);
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: "NETWORK", requestId });
  }
}

/**
 * @param {Response} response
 * @param {string} requestId
 * @returns {Promise<ApiError>}
 */
async function errorOf(response, requestId) {
  const envelope = (await response.json().catch(() => null))?.error ?? {};
  return new ApiError({
    status: response.status,
    code: envelope.code ?? CODE_OF_STATUS[response.status] ?? "INTERNAL_ERROR",
    message: envelope.message,
    details: envelope.details ?? {},
    retryAfter: Number(response.headers.get("Retry-After")) || null,
    requestId,
  });
}
