// @ts-check
/**
 * Who is logged in. The access token stays in memory; the refresh token lies in localStorage, so that
 * all tabs share one session. Each refresh token works once, so only one tab at a time may use it.
 */

import { ApiError, call } from "./api.js";

/** @typedef {{id: string, username: string, email: string, role: string, created_at: string, updated_at: string}} User */
/** @typedef {{refresh_token: string, user_id: string}} Saved */
/**
 * Why nobody is logged in any more; `unconfirmed` is a log-out that the server could not be told of.
 * @typedef {"logout" | "unconfirmed" | "ended" | "disabled" | "deleted" | null} Cause
 */

const KEY = "reviewpoint.session";
/** The server answers a repeated refresh for 10 s: a lost answer must be asked for again within them. */
const REFRESH_TIMEOUT_MS = 8_000;
const REFRESH_PAUSES_MS = [300, 1_000];

/** @type {string | null} */
let accessToken = null;
/** @type {User | null} */
let user = null;
/** @type {Promise<void> | null} */
let restoring = null;
const changes = new EventTarget();

export function currentUser() {
  return user;
}

/** The access token, for the handshake of the socket. */
export function currentToken() {
  return accessToken;
}

/**
 * @param {(cause: Cause) => void} listener called after somebody logged in (cause null) or out, in this tab or another
 */
export function onChange(listener) {
  changes.addEventListener("change", (event) => listener(/** @type {CustomEvent} */ (event).detail));
}

/** Whether there is a session to take up. */
export function hasSaved() {
  return readSaved() !== null;
}

/**
 * Takes up the saved session; listeners hear how it went.
 * @throws {ApiError} when the server can't be reached; the session is kept then
 */
export function restore() {
  restoring ??= takeUp().finally(() => {
    restoring = null;
  });
  return restoring;
}

async function takeUp() {
  if (!readSaved()) return;
  await refresh(accessToken);
  begin(await request("GET", "/users/me"));
}

/**
 * @param {string} username or the e-mail address
 * @param {string} password
 */
export async function login(username, password) {
  const pair = await call("POST", "/auth/login", { body: { username, password } });
  const found = await call("GET", "/users/me", { token: pair.access_token });
  await exclusively(async () => {
    accessToken = pair.access_token;
    write({ refresh_token: pair.refresh_token, user_id: found.id });
  });
  begin(found);
}

/** @param {{username: string, email: string, password: string}} account */
export async function register(account) {
  await call("POST", "/auth/register", { body: account });
}

/** Logs out here and in all tabs. */
export async function logout() {
  const told = await request("POST", "/auth/logout").then(
    () => true,
    (error) => error instanceof ApiError && error.status === 401,
  );
  await leave(told ? "logout" : "unconfirmed");
}

/**
 * Leaves a session that the server has ended, here and in all tabs.
 * @param {Cause} cause
 */
export async function leave(cause) {
  await exclusively(async () => write(null));
  end(cause);
}

/**
 * Takes over what the user has changed of the account.
 * @param {User} changed
 */
export function renew(changed) {
  user = changed;
  changes.dispatchEvent(new Event("renew"));
}

/** @param {() => void} listener called after the account of whom is logged in has changed */
export function onRenew(listener) {
  changes.addEventListener("renew", listener);
}

/**
 * Calls the API as the user; a stale access token is replaced once and the call repeated.
 * @param {string} method
 * @param {string} path
 * @param {import("./api.js").CallOptions} [options]
 * @returns {Promise<any>}
 */
export async function request(method, path, options = {}) {
  const used = accessToken;
  try {
    return await call(method, path, { ...options, token: used });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "ACCOUNT_DISABLED") forget("disabled");
    // Also when it is revoked: the session may be over, or another tab may have begun a new one.
    if (error.status !== 401) throw error;
    await refresh(used);
    return call(method, path, { ...options, token: accessToken });
  }
}

/**
 * Replaces the access token that failed; does nothing if that happened meanwhile.
 * @param {string | null} used
 */
function refresh(used) {
  return exclusively(async () => {
    if (accessToken !== used) return;
    const saved = readSaved();
    if (!saved) {
      end("ended");
      throw new ApiError({ status: 401, code: "AUTHENTICATION_REQUIRED" });
    }
    try {
      const pair = await askForPair(saved.refresh_token);
      accessToken = pair.access_token;
      write({ ...saved, refresh_token: pair.refresh_token });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) forget("ended");
      if (error instanceof ApiError && error.status === 403) forget("disabled");
      throw error;
    }
  });
}

/** @param {string} token */
async function askForPair(token) {
  for (const pause of [...REFRESH_PAUSES_MS, null]) {
    try {
      return await call("POST", "/auth/refresh", { token, timeout: REFRESH_TIMEOUT_MS });
    } catch (error) {
      const passing = error instanceof ApiError && (error.status === 0 || error.status === 503);
      if (!passing || pause === null) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/**
 * Runs the work while no other tab does. Web Locks exist on HTTPS and localhost only; elsewhere the
 * server's grace for a repeated token has to do.
 * @param {() => Promise<void>} work
 * @returns {Promise<void>}
 */
async function exclusively(work) {
  if (navigator.locks) await navigator.locks.request(KEY, work);
  else await work();
}

/** @param {User} found */
function begin(found) {
  user = found;
  tell(null);
}

/** @param {Cause} cause */
function end(cause) {
  const was = user;
  user = null;
  accessToken = null;
  // Of several calls that fail together only the first is news.
  if (was || restoring) tell(cause);
}

/** @param {Cause} cause */
function forget(cause) {
  write(null);
  end(cause);
}

/** @param {Cause} cause */
function tell(cause) {
  changes.dispatchEvent(new CustomEvent("change", { detail: cause }));
}

/** @returns {Saved | null} */
function readSaved() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}

/** @param {Saved | null} saved */
function write(saved) {
  try {
    if (saved) localStorage.setItem(KEY, JSON.stringify(saved));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden here: the session lasts as long as this tab's access token.
  }
}

/** Does what another tab did: logs out, or takes up the other's session. */
function follow() {
  const saved = readSaved();
  if (!saved && user) end("logout");
  if (saved && saved.user_id !== user?.id) restore().catch(() => {});
}

addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) follow();
});
// A page that comes back from the history has missed the events of the time between.
addEventListener("pageshow", (event) => {
  if (event.persisted) follow();
});
