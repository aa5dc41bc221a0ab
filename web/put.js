// @ts-check
/** Sends a file's bytes straight to storage, by a presigned URL. */

/** @typedef {{method: string, url: string, headers: Record<string, string>, expires_at: string}} SignedPut */

/** Without a byte for so long the connection counts as dead. */
const STALL_MS = 45_000;
/** A browser sets these itself and refuses them from a page. */
const BROWSERS_OWN = new Set(["content-length", "host"]);

/**
 * `fetch` can't tell how much was sent, so this is an XMLHttpRequest.
 * @param {Blob} file
 * @param {SignedPut} put
 * @param {{signal: AbortSignal, onProgress: (loaded: number) => void}} options
 * @returns {Promise<number>} the storage's status; 0 when it gave no answer
 */
export function putBytes(file, put, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let stall = 0;
    const watch = () => {
      clearTimeout(stall);
      stall = setTimeout(() => xhr.abort(), STALL_MS);
    };
    const cancel = () => xhr.abort();
    signal.addEventListener("abort", cancel);
    xhr.upload.addEventListener("progress", (event) => {
      watch();
      onProgress(event.loaded);
    });
    xhr.addEventListener("loadend", () => {
      clearTimeout(stall);
      signal.removeEventListener("abort", cancel);
      if (signal.aborted) reject(signal.reason);
      else resolve(xhr.status);
    });
    xhr.open(put.method, put.url);
    for (const [name, value] of Object.entries(put.headers)) {
      if (!BROWSERS_OWN.has(name.toLowerCase())) xhr.setRequestHeader(name, value);
    }
    watch();
    xhr.send(file);
  });
}
