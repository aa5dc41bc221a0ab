// @ts-check
/** A list of the API, page by page. */

import { request } from "./session.js";

/**
 * @template T
 * @typedef {{items: T[], next_cursor: string | null, total: number | null}} Page
 */

/** @template {{id: string}} T */
export class Paged {
  /**
   * @param {string} path
   * @param {() => void} onChange called after each change
   * @param {AbortSignal} signal ends all requests
   */
  constructor(path, onChange, signal) {
    this.path = path;
    this.onChange = onChange;
    this.signal = signal;
    /** @type {T[]} */
    this.items = [];
    /** @type {string | null} */
    this.nextCursor = null;
    /** @type {number | null} null beyond what the server counts */
    this.total = null;
    /** @type {Record<string, string>} filters and order; an empty value is none */
    this.query = {};
    /** Ends the requests of the query before. */
    this.control = new AbortController();
  }

  /**
   * Begins anew with other filters or another order.
   * @param {Record<string, string>} query
   */
  async ask(query) {
    this.control.abort();
    this.control = new AbortController();
    this.query = query;
    await this.load();
  }

  /** Loads the first page. */
  async load() {
    this.take(await this.page(null));
  }

  /** Loads the next page behind the others. */
  async more() {
    const page = await this.page(this.nextCursor);
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...page.items.filter(({ id }) => !known.has(id))];
    this.nextCursor = page.next_cursor;
    this.changed();
  }

  /**
   * @param {string | null} cursor
   * @returns {Promise<Page<T>>}
   */
  page(cursor) {
    const query = queryOf({ ...this.query, cursor: cursor ?? "" });
    const signal = AbortSignal.any([this.signal, this.control.signal]);
    return request("GET", `${this.path}${query}`, { signal });
  }

  /** @param {Page<T>} page the first one */
  take(page) {
    this.items = page.items;
    this.nextCursor = page.next_cursor;
    this.total = page.total;
    this.changed();
  }

  /**
   * Puts in a new state of one that is there.
   * @param {T} item
   */
  replace(item) {
    this.items = this.items.map((each) => (each.id === item.id ? item : each));
    this.changed();
  }

  /** @param {Iterable<string>} ids */
  remove(ids) {
    const gone = new Set(ids);
    const rest = this.items.filter(({ id }) => !gone.has(id));
    if (this.total !== null) this.total -= this.items.length - rest.length;
    this.items = rest;
    this.changed();
  }

  changed() {
    this.onChange();
  }
}

/** @param {Record<string, string>} query */
export function queryOf(query) {
  const set = Object.entries(query).filter(([, value]) => value);
  return set.length ? `?${new URLSearchParams(set)}` : "";
}

/**
 * Whether a request ended because its answer is not wanted any more.
 * @param {unknown} error
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}
