// @ts-check
/** The user's uploads as the server knows them: a list in pages, kept up to date while checks run. */

import { isGone } from "./api.js";
import { request } from "./session.js";

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {string} filename
 * @property {string} content_type
 * @property {number} file_size
 * @property {"pending" | "scanning" | "available" | "rejected" | "expired"} status
 * @property {string | null} reason
 * @property {string | null} uploaded_at
 * @property {string} created_at
 *
 * @typedef {{items: Upload[], next_cursor: string | null, total: number | null}} Page
 */

const POLL_MIN_MS = 1_000;
/** What has not changed for long (an upload left unfinished in another tab) is asked for less and less. */
const POLL_MAX_MS = 15_000;

/** @param {string} id */
export async function downloadUrl(id) {
  return (await request("GET", `/uploads/${id}/download?redirect=false`)).url;
}

export class UploadList {
  /**
   * @param {(upload: Upload) => void} onVerdict called when the checks of an upload have ended
   * @param {() => void} onChange called after each change
   * @param {AbortSignal} signal ends the polling
   */
  constructor(onVerdict, onChange, signal) {
    /** @type {Upload[]} newest first; ids sort by time */
    this.items = [];
    /** @type {string | null} */
    this.nextCursor = null;
    /** @type {number | null} */
    this.total = null;
    this.onVerdict = onVerdict;
    this.onChange = onChange;
    this.signal = signal;
    this.pause = POLL_MIN_MS;
    this.timer = 0;
    /** Counts this tab's own changes: an answer that is older than one of them is stale. */
    this.changes = 0;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    document.addEventListener("visibilitychange", () => this.#schedule(), { signal });
  }

  /** Loads the first page. */
  async load() {
    this.#take(await this.#page(null));
  }

  /** Loads the next page behind the others. */
  async more() {
    const page = await this.#page(this.nextCursor);
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...page.items.filter(({ id }) => !known.has(id))];
    this.nextCursor = page.next_cursor;
    this.#changed();
  }

  /**
   * Puts in a new state of one upload.
   * @param {Upload} upload
   */
  merge(upload) {
    this.changes += 1;
    const before = this.items.find(({ id }) => id === upload.id);
    const others = this.items.filter((item) => item !== before);
    this.items = [upload, ...others].sort((a, b) => (a.id < b.id ? 1 : -1));
    if (!before && this.total !== null) this.total += 1;
    if (before?.status !== upload.status) this.pause = POLL_MIN_MS;
    if ((!before || isOpen(before)) && !isOpen(upload)) this.onVerdict(upload);
    this.#changed();
  }

  /** @param {string} id */
  async delete(id) {
    await request("DELETE", `/uploads/${id}`).catch((error) => {
      // Another tab was faster: what was wanted is done.
      if (!isGone(error)) throw error;
    });
    this.#remove(id);
  }

  /** @param {string} id */
  #remove(id) {
    this.changes += 1;
    const rest = this.items.filter((item) => item.id !== id);
    if (this.total !== null) this.total -= this.items.length - rest.length;
    this.items = rest;
    this.#changed();
  }

  /**
   * @param {string | null} cursor
   * @returns {Promise<Page>} never older than this tab's own changes
   */
  async #page(cursor) {
    const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
    for (;;) {
      const { changes } = this;
      const page = await request("GET", `/uploads/${query}`, { signal: this.signal });
      if (changes === this.changes) return page;
    }
  }

  /**
   * Takes the newest first page; it tells all within its reach, also what other tabs added or deleted.
   * @param {Page} page
   */
  #take(page) {
    const last = page.items.at(-1);
    const beyond = last && page.next_cursor ? this.items.filter(({ id }) => id < last.id) : [];
    const before = new Map(this.items.map((item) => [item.id, item]));
    this.items = [...page.items, ...beyond];
    if (!beyond.length) this.nextCursor = page.next_cursor;
    this.total = page.total;
    const moved = page.items.filter((item) => before.get(item.id)?.status !== item.status);
    this.pause = moved.length ? POLL_MIN_MS : Math.min(this.pause * 1.3, POLL_MAX_MS);
    for (const item of moved) if (before.has(item.id) && !isOpen(item)) this.onVerdict(item);
    this.#changed();
  }

  #changed() {
    this.onChange();
    this.#schedule();
  }

  /** Asks again later, while something is open and somebody looks. */
  #schedule() {
    clearTimeout(this.timer);
    if (this.signal.aborted || document.hidden || !this.items.some(isOpen)) return;
    this.timer = setTimeout(() => this.#poll(), this.pause);
  }

  async #poll() {
    try {
      const page = await this.#page(null);
      const told = new Set(page.items.map(({ id }) => id));
      this.#take(page);
      for (const { id } of this.items.filter((item) => isOpen(item) && !told.has(item.id)))
        await this.#renew(id);
    } catch {
      // The list stays as it is; a later round may succeed.
      this.pause = Math.min(this.pause * 2, POLL_MAX_MS);
      this.#schedule();
    }
  }

  /** @param {string} id */
  async #renew(id) {
    try {
      this.merge(await request("GET", `/uploads/${id}`, { signal: this.signal }));
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#remove(id);
    }
  }
}

/** @param {Upload} upload */
export function isOpen({ status }) {
  return status === "pending" || status === "scanning";
}
