// @ts-check
/** Browsers and machines in words. */

/** The first that matches counts: most browsers name others too. @type {[RegExp, string][]} */
const BROWSERS = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrom(e|ium)\/|CriOS\/|HeadlessChrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
/** @type {[RegExp, string][]} */
const MACHINES = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "Chrome OS"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/**
 * "Firefox on Windows"; for a program its own first word.
 * @param {string | null} userAgent
 */
export function device(userAgent) {
  if (!userAgent) return "Unknown device";
  const browser = find(BROWSERS, userAgent);
  const machine = find(MACHINES, userAgent);
  if (browser) return machine ? `${browser} on ${machine}` : browser;
  return userAgent.split(/[/\s(;]/, 1)[0] || "Unknown device";
}

/**
 * @param {[RegExp, string][]} names
 * @param {string} text
 */
function find(names, text) {
  return names.find(([pattern]) => pattern.test(text))?.[1];
}
