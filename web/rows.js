// @ts-check
/** Rows that live as long as what they show, so that the focus and the reader's place stay. */

/**
 * Keeps an element's children in step with a list, and reuses what is there.
 * @template T
 * @template {string | number} K
 * @param {HTMLElement} parent
 * @param {Map<K, {element: HTMLElement, update: (item: T) => void}>} rows
 * @param {readonly T[]} items
 * @param {(item: T) => K} keyOf
 * @param {(item: T) => {element: HTMLElement, update: (item: T) => void}} create
 */
export function sync(parent, rows, items, keyOf, create) {
  const wanted = new Set(items.map(keyOf));
  for (const [key, { element }] of rows) {
    if (wanted.has(key)) continue;
    element.remove();
    rows.delete(key);
  }
  items.forEach((item, index) => {
    const key = keyOf(item);
    const row = rows.get(key) ?? create(item);
    if (rows.has(key)) row.update(item);
    rows.set(key, row);
    // Moving an element that is in place already would take the focus from it.
    if (parent.children[index] !== row.element)
      parent.insertBefore(row.element, parent.children[index] ?? null);
  });
}

/**
 * Puts a render off to the next frame: progress comes far more often than the screen can show it.
 * @param {() => void} render
 * @param {AbortSignal} signal
 * @returns {() => void}
 */
export function onNextFrame(render, signal) {
  let frame = 0;
  signal.addEventListener("abort", () => cancelAnimationFrame(frame));
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      render();
    });
  };
}
