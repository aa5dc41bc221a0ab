// @ts-check
/** Which rows of a list are selected, and the bar that says so. */

import { h } from "./dom.js";
import { plural } from "./words.js";

export class Selection {
  /**
   * @param {{shown: () => string[], mark: (id: string, selected: boolean) => void,
   *   remove: (ids: string[]) => void}} list the ids of its rows, how to mark one, what deletes several
   */
  constructor({ shown, mark, remove }) {
    /** @type {Set<string>} */
    this.ids = new Set();
    this.shown = shown;
    this.mark = mark;
    this.all = h("input", { type: "checkbox", onchange: () => this.setAll(this.all.checked) });
    this.words = h("span", {});
    this.button = h(
      "button",
      { class: "button button-small button-warn", onclick: () => remove([...this.ids]) },
      "Delete",
    );
    this.element = h(
      "div",
      { class: "selection", hidden: true },
      h("label", { class: "box" }, this.all, this.words),
      this.button,
    );
  }

  /**
   * @param {string} id
   * @param {boolean} selected
   */
  set(id, selected) {
    if (selected) this.ids.add(id);
    else this.ids.delete(id);
    this.render();
  }

  /** @param {boolean} selected */
  setAll(selected) {
    for (const id of this.shown()) {
      this.mark(id, selected);
      if (selected) this.ids.add(id);
      else this.ids.delete(id);
    }
    this.render();
  }

  /** Shows how many are selected, of those that are still there. */
  render() {
    const shown = new Set(this.shown());
    for (const id of this.ids) if (!shown.has(id)) this.ids.delete(id);
    const count = this.ids.size;
    this.element.hidden = !shown.size;
    this.all.checked = count > 0 && count === shown.size;
    this.all.indeterminate = count > 0 && count < shown.size;
    this.words.textContent = count ? `${plural(count, "file")} selected` : "Select all";
    this.button.hidden = !count;
  }
}
