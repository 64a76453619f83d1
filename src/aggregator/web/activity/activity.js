// Says what the daemon does until the shortlists of this round are there, then shows the page that waited for them.

const said = document.querySelector("#activity");
const PAUSE = 2000;

async function ask() {
  try {
    const answer = await fetch("/activity", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const activity = await answer.json();
    if (activity.said) said.textContent = `${activity.said}.`;
    if (!activity.is_awaited) return said.dataset.next && location.replace(said.dataset.next);
  } catch {
    // The daemon may be starting again.
  }
  setTimeout(ask, PAUSE);
}

setTimeout(ask, PAUSE);
