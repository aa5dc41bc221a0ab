// @ts-check
/** Lists as files to take away. */

import { startDownload } from "./download.js";
import { menu } from "./menu.js";
import { queryOf } from "./paged.js";
import { request } from "./session.js";

const FORMATS = [
  ["csv", "Spreadsheet (CSV)"],
  ["json", "JSON"],
  ["ndjson", "JSON, one line each (NDJSON)"],
];

/**
 * @param {string} path of the export
 * @param {() => Record<string, string>} query what is filtered by
 * @param {(error: unknown) => void} onError
 */
export function exportMenu(path, query, onError) {
  /** @param {string} format */
  async function take(format) {
    try {
      const asked = queryOf({ ...query(), format, redirect: "false" });
      startDownload((await request("GET", path + asked)).url);
    } catch (error) {
      onError(error);
    }
  }

  return menu(
    { label: "Export" },
    FORMATS.map(([format, label]) => ({ label, act: () => take(format) })),
  );
}
