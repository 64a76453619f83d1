// Says what the daemon does until the shortlists of this round are there, then shows the page that waited for them.

import { fetchSoon } from "/static/ask.js";
import { t } from "/static/words.js";

const said = document.querySelector("#activity");
const PAUSE = 2000;

function finish() {
  // A list that may have been filtered or scrolled meanwhile is not replaced.
  if (said.dataset.next) location.replace(said.dataset.next);
  else said.textContent = t("The visits are done. Reload the page to see what they brought.");
}

async function ask() {
  try {
    const answer = await fetchSoon("/activity", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const activity = await answer.json();
    if (!activity.is_awaited) return finish();
    said.textContent = `${activity.said}.`;
  } catch {
    // The daemon may be starting again.
  }
  setTimeout(ask, PAUSE);
}

setTimeout(ask, PAUSE);
