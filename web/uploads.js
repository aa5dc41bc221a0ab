// @ts-check
/** The uploads as the server knows them: a list in pages, kept up to date by notices, else by asking. */

import { isGone } from "./api.js";
import { Paged } from "./paged.js";
import { request } from "./session.js";
import { isConnected, onConnection, onNotice } from "./socket.js";

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {string} user_id
 * @property {string} filename
 * @property {string} content_type
 * @property {number} file_size
 * @property {"pending" | "scanning" | "available" | "rejected" | "expired"} status
 * @property {boolean} is_public
 * @property {string | null} reason
 * @property {string | null} uploaded_at
 * @property {string} created_at
 */

/** Several notices that come together are one reason to ask. */
const GATHER_MS = 50;
const POLL_MIN_MS = 1_000;
/** What has not changed for long (an upload left unfinished in another tab) is asked for less and less. */
const POLL_MAX_MS = 15_000;
/** So many ids the server takes at once. */
const BULK = 100;

/** @param {string} id */
export async function downloadUrl(id) {
  return (await request("GET", `/uploads/${id}/download?redirect=false`)).url;
}

/** @extends {Paged<Upload>} */
export class UploadList extends Paged {
  /**
   * @param {(upload: Upload) => void} onVerdict called when the checks of an upload have ended
   * @param {() => void} onChange called after each change
   * @param {AbortSignal} signal ends the polling
   */
  constructor(onVerdict, onChange, signal) {
    super("/uploads/", onChange, signal);
    this.onVerdict = onVerdict;
    this.pause = POLL_MIN_MS;
    this.timer = 0;
    /** Counts this tab's own changes: an answer that is older than one of them is stale. */
    this.changes = 0;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    document.addEventListener("visibilitychange", () => this.#schedule(), { signal });
    /** @type {Set<string>} uploads of which there was a notice since the list was last asked for */
    this.told = new Set();
    /** Whether it is to be asked for in a moment. */
    this.due = false;
    onNotice(({ type, data }) => type.startsWith("upload.") && this.#hear(data.upload_id), signal);
    onConnection(() => this.#gather(), signal);
  }

  /** Whether it shows all of the user's own, newest first. */
  get isWhole() {
    return !Object.values(this.query).some(Boolean);
  }

  /**
   * Puts in a new state of one upload.
   * @param {Upload} upload
   */
  merge(upload) {
    this.changes += 1;
    const before = this.items.find(({ id }) => id === upload.id);
    if (before?.status !== upload.status) this.pause = POLL_MIN_MS;
    if ((!before || isOpen(before)) && !isOpen(upload)) this.onVerdict(upload);
    if (before) this.replace(upload);
    else if (this.isWhole) this.#insert(upload);
    // Whether and where it belongs among those that were asked for is the server's to say.
    else this.load().catch(() => this.#schedule());
  }

  /** @param {Upload} upload */
  #insert(upload) {
    // Newest first; ids sort by time.
    this.items = [upload, ...this.items].sort((a, b) => (a.id < b.id ? 1 : -1));
    if (this.total !== null) this.total += 1;
    this.changed();
  }

  /** @param {string} id */
  async delete(id) {
    await request("DELETE", `/uploads/${id}`).catch((error) => {
      // Another tab was faster: what was wanted is done.
      if (!isGone(error)) throw error;
    });
    this.remove([id]);
  }

  /**
   * Deletes several, and keeps those that may not go.
   * @param {string[]} ids
   * @returns {Promise<{id: string, code: string}[]>} those that stay, with the reason
   */
  async deleteAll(ids) {
    const kept = [];
    for (let start = 0; start < ids.length; start += BULK) {
      const part = ids.slice(start, start + BULK);
      const { failed } = await request("POST", "/uploads/bulk-delete", { body: { ids: part } });
      // What another tab has deleted is as it should be.
      const stay = /** @type {{id: string, code: string}[]} */ (failed).filter(
        ({ code }) => code !== "NOT_FOUND",
      );
      kept.push(...stay);
      const staying = new Set(stay.map(({ id }) => id));
      this.remove(part.filter((id) => !staying.has(id)));
    }
    return kept;
  }

  /** @param {string[]} ids */
  remove(ids) {
    this.changes += 1;
    super.remove(ids);
  }

  /**
   * @param {string | null} cursor
   * @returns {Promise<import("./paged.js").Page<Upload>>} never older than this tab's own changes
   */
  async page(cursor) {
    for (;;) {
      const { changes } = this;
      const page = await super.page(cursor);
      if (changes === this.changes) return page;
    }
  }

  /**
   * Takes the newest first page; it tells all within its reach, also what other tabs added or deleted.
   * @param {import("./paged.js").Page<Upload>} page
   */
  take(page) {
    const { items: before, nextCursor } = this;
    const told = new Set(page.items.map(({ id }) => id));
    const end = before.findIndex(({ id }) => id === page.items.at(-1)?.id) + 1;
    const beyond = end && page.next_cursor ? before.slice(end).filter(({ id }) => !told.has(id)) : [];
    const moved = this.#moved(page.items);
    this.pause = moved.length ? POLL_MIN_MS : Math.min(this.pause * 1.3, POLL_MAX_MS);
    super.take({
      ...page,
      items: [...page.items, ...beyond],
      next_cursor: beyond.length ? nextCursor : page.next_cursor,
    });
    for (const item of moved) if (!isOpen(item)) this.onVerdict(item);
  }

  /**
   * Those whose status is another than before.
   * @param {Upload[]} items
   */
  #moved(items) {
    const before = new Map(this.items.map(({ id, status }) => [id, status]));
    return items.filter(({ id, status }) => before.has(id) && before.get(id) !== status);
  }

  changed() {
    super.changed();
    this.#schedule();
  }

  /**
   * A notice says that something has changed, the server's answer what is so now: notices may come late or again.
   * @param {string} id
   */
  #hear(id) {
    this.told.add(id);
    this.#gather();
  }

  #gather(pause = GATHER_MS) {
    clearTimeout(this.timer);
    if (this.signal.aborted) return;
    this.due = true;
    this.timer = setTimeout(() => this.#poll(), pause);
  }

  /** Without a socket: asks again later, while something is open and somebody looks. */
  #schedule() {
    if (this.due) return;
    clearTimeout(this.timer);
    if (isConnected() || this.signal.aborted || document.hidden || !this.items.some(isOpen)) return;
    this.timer = setTimeout(() => this.#poll(), this.pause);
  }

  async #poll() {
    const { told } = this;
    this.told = new Set();
    this.due = false;
    try {
      const page = await this.page(null);
      const fresh = new Set(page.items.map(({ id }) => id));
      this.take(page);
      const stale = this.items.filter((item) => (isOpen(item) || told.has(item.id)) && !fresh.has(item.id));
      for (const { id } of stale) await this.#renew(id);
    } catch {
      // The list stays as it is; a later round may succeed.
      this.pause = Math.min(this.pause * 2, POLL_MAX_MS);
      this.told = new Set([...told, ...this.told]);
      this.#gather(this.pause);
    }
  }

  /** @param {string} id */
  async #renew(id) {
    try {
      this.merge(await request("GET", `/uploads/${id}`, { signal: this.signal }));
    } catch (error) {
      if (!isGone(error)) throw error;
      this.remove([id]);
    }
  }
}

/** @param {Upload} upload */
export function isOpen({ status }) {
  return status === "pending" || status === "scanning";
}
