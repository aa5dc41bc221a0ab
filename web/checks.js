// @ts-check
/** What is wrong with a typed value, in words; null when nothing is. The server judges again. */

/** @param {string} what is missing, "your username" */
export function required(what) {
  return (/** @type {string} */ value) => (value ? null : `Enter ${what}.`);
}

/** @param {string} value */
export function checkUsername(value) {
  if (!value) return "Enter a username.";
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{2,49}$/.test(value)) return null;
  if (value.length < 3 || value.length > 50) return "A username has 3 to 50 characters.";
  if (/^[._-]/.test(value)) return "A username starts with a letter or a digit.";
  return "A username has only letters without accents, digits, dots, hyphens and underscores.";
}

/** @param {string} value */
export function checkEmail(value) {
  if (!value.trim()) return "Enter an e-mail address.";
  return /^\S+@\S+$/.test(value.trim()) ? null : "Enter an e-mail address in the form name@example.org.";
}

/** @param {string} value */
export function checkPassword(value) {
  if (!value) return "Choose a password.";
  const length = [...value].length;
  return length < 8 || length > 128 ? "A password has 8 to 128 characters." : null;
}

/** @param {string} value */
export function checkFilename(value) {
  if (!value.trim()) return "Enter a name.";
  if (/[/\\]/.test(value)) return "A name has no slashes.";
  return [...value].length > 255 ? "A name has at most 255 characters." : null;
}
