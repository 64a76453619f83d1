// Requests to the daemon. Each has a time limit, so that a daemon that hangs does not hold up what follows.

import { t } from "/static/words.js";

const SECONDS = 30;

export const fetchSoon = (path, { seconds = SECONDS, ...options } = {}) =>
  fetch(path, { ...options, signal: AbortSignal.timeout(seconds * 1000) });

const isLate = (error) => error.name === "TimeoutError";

/** Says why a request failed. */
export const explain = (error, seconds = SECONDS) =>
  isLate(error) ? t("The daemon has not answered for {seconds} seconds.", { seconds }) : t("The daemon does not answer.");

/** Says why a form failed, and whether it was stored. Whatever can be sent again is not done twice. */
export const explainSending = (error) =>
  [explain(error), isLate(error) ? t("Perhaps it was stored; try again.") : t("Nothing was stored; try again.")].join(" ");

/**
 * Sends a form.
 * @param pack makes its fields, which may be asked for twice.
 * @returns what the daemon says, and the status.
 */
export async function sendForm(path, pack, options) {
  const post = async (token) => {
    const body = pack();
    if (token) body.set("token", token);
    const answer = await fetchSoon(path, { method: "POST", headers: { Accept: "application/json" }, body, ...options });
    return { ...(await answer.json()), status: answer.status };
  };
  const said = await post();
  if (!said.token) return said;
  // After a login in another tab, the forms of this page belong to the new session.
  for (const field of document.querySelectorAll("[name=token]")) field.value = said.token;
  return post(said.token);
}
