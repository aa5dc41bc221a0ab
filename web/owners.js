// @ts-check
/** Whose a file is, for admins, who see everybody's. */

import { currentUser, request } from "./session.js";

/** @type {Map<string, Promise<string>>} */
const names = new Map();

/**
 * @param {{user_id: string}} upload
 * @returns {Promise<string | null>} null for one's own
 */
export async function ownerOf({ user_id: id }) {
  if (id === currentUser()?.id) return null;
  const name = names.get(id) ?? askName(id);
  names.set(id, name);
  return name;
}

/** @param {string} id */
async function askName(id) {
  try {
    return (await request("GET", `/users/${id}`)).username;
  } catch {
    names.delete(id);
    return "somebody else";
  }
}
