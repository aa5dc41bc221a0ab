// @ts-check
/**
 * Notices as they happen, over one socket in each tab while somebody is logged in. What was missed is asked for
 * again after a break; what comes twice is heard once.
 */

import { currentToken, currentUser, onChange, request } from "./session.js";

/** @typedef {{type: string, id: string, timestamp: string, data: Record<string, any>}} Message */

const PROTOCOL = "reviewpoint.v1";
const EVENTS = [
  "upload.processing",
  "upload.completed",
  "upload.rejected",
  "upload.expired",
  "upload.updated",
  "upload.deleted",
  "system.notification",
  "export.ready",
];
/** What the server may say besides notices. */
const ANSWERS = new Set(["connection.established", "pong", "error"]);
const KEPT_MS = 24 * 60 * 60 * 1_000;
/** The gateway closes what is silent for ten minutes. */
const PING_MS = 4 * 60 * 1_000;
const ANSWER_MS = 10_000;
const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 30_000;
const KEY = "reviewpoint.heard";
/** More than a resumption repeats. */
const REMEMBERED = 1_000;

/** @type {WebSocket | null} */
let socket = null;
/** @type {string | null} of whom the notices are */
let userId = null;
let connected = false;
let failures = 0;
let timer = 0;
/** The newest notice heard, from which a resumption goes on. */
let newest = "";
/** What other tabs of this device had heard, and shown, before this one began. */
let since = "";
/** @type {Set<string>} */
let heard = new Set();
const events = new EventTarget();

/** Whether what happens is told right away. */
export function isConnected() {
  return connected;
}

/**
 * @param {(message: Message) => void} listener called with each notice, once
 * @param {AbortSignal} [signal]
 */
export function onNotice(listener, signal) {
  const listen = (/** @type {Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
  events.addEventListener("notice", listen, { signal });
}

/**
 * @param {() => void} listener called when the connection is there, or is there no more
 * @param {AbortSignal} [signal]
 */
export function onConnection(listener, signal) {
  events.addEventListener("connection", listener, { signal });
}

function follow() {
  const id = currentUser()?.id ?? null;
  if (id === userId) return;
  userId = id;
  heard = new Set();
  since = readNewest() ?? "";
  newest = since || idAt(Date.now() - KEPT_MS);
  failures = 0;
  leave();
  if (id) connect();
}

/** Ends the connection without a word to anybody. */
function leave() {
  clearTimeout(timer);
  const old = socket;
  socket = null;
  old?.close();
  setConnected(false);
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(`${scheme}://${location.host}/ws`, [PROTOCOL, `bearer.${currentToken()}`]);
  socket = opened;
  opened.onopen = () => send("subscribe", { events: EVENTS });
  opened.onmessage = ({ data }) => {
    if (socket === opened) take(JSON.parse(data));
  };
  opened.onclose = () => {
    if (socket === opened) retry();
  };
}

function retry() {
  leave();
  // At random, so that all who were cut off together do not come back together.
  const pause = Math.min(PAUSE_MIN_MS * 2 ** failures, PAUSE_MAX_MS) * (0.5 + Math.random() / 2);
  failures += 1;
  timer = setTimeout(reconnect, pause);
}

async function reconnect() {
  clearTimeout(timer);
  const whose = userId;
  try {
    // A handshake tells no reason: this renews a stale token, and finds out when the session is over.
    await request("GET", "/users/me");
    if (whose && whose === userId && !socket) connect();
  } catch {
    if (whose && whose === userId && !socket) retry();
  }
}

/**
 * @param {string} type
 * @param {Record<string, unknown>} data
 */
function send(type, data = {}) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type, data }));
}

function keepAlive() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    send("ping");
    timer = setTimeout(retry, ANSWER_MS);
  }, PING_MS);
}

/** @param {Message} message */
function take(message) {
  keepAlive();
  if (message.type === "subscription.acknowledged") {
    failures = 0;
    setConnected(true);
    send("resume", { after: newest });
  } else if (message.type === "resume.truncated") send("resume", { after: message.data.after });
  else if (!ANSWERS.has(message.type)) hear(message);
}

/** @param {Message} message */
function hear(message) {
  if (heard.has(message.id)) return;
  heard.add(message.id);
  if (heard.size > REMEMBERED) heard = new Set([...heard].slice(-REMEMBERED / 2));
  if (message.id > newest) {
    newest = message.id;
    writeNewest();
  }
  if (message.id > since) events.dispatchEvent(new CustomEvent("notice", { detail: message }));
}

/** @param {boolean} now */
function setConnected(now) {
  if (connected === now) return;
  connected = now;
  events.dispatchEvent(new Event("connection"));
}

/**
 * The first id (UUIDv7) of a moment.
 * @param {number} milliseconds
 */
function idAt(milliseconds) {
  const hex = milliseconds.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** @returns {string | null} the newest notice that any tab of this device has heard */
function readNewest() {
  try {
    const saved = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return saved?.user_id === userId ? saved.id : null;
  } catch {
    return null;
  }
}

function writeNewest() {
  try {
    if (newest > (readNewest() ?? "")) localStorage.setItem(KEY, JSON.stringify({ user_id: userId, id: newest }));
  } catch {
    // Storage is forbidden here: this tab remembers for itself.
  }
}

onChange(follow);
addEventListener("online", () => {
  if (userId && !socket) void reconnect();
});
