// The queue by keys and pointer. The script only sends the forms of the page; without it, they work by reloading the page.

import { ACTS, chooseNumber, editing, perform, waitForPost } from "/static/acts.js";
import { $ } from "/static/dom.js";
import "/static/filter.js";
import { isOurs, isTyping, listKeys, readKey } from "/static/keys.js";
import { findCurrent, goTo, isReading, isWide, showList, showPost } from "/static/list.js";
import { listMarked, markAll } from "/static/marks.js";
import { toggleAsk } from "/static/pane.js";

// --- keys ---

const keys = listKeys();

document.addEventListener("keydown", (event) => {
  if (!isOurs(event) || $("dialog[open]")) return;
  if (event.key === "Escape") return waitForPost() ? waitForPost().then(() => leave(event)) : leave(event);
  if (isTyping(event.target)) return;
  const key = readKey(event);
  const name = keys.get(key);
  const act = ACTS[name] ?? (/^[0-9]$/.test(key) ? () => chooseNumber(key) : null);
  // A key that is held down acts once; only walking and keys that scroll repeat.
  const isHeld = event.repeat && name !== "next" && name !== "previous";
  if (!act && !(isHeld && event.target.closest("button, summary"))) return;
  event.preventDefault();
  if (!isHeld) perform(act);
});

/** Leaves a field, a menu or the open post, and goes back to the list. */
function leave(event) {
  const menu = $("details.menu[open]");
  if (menu) menu.open = false;
  // page.js has closed the menu already.
  else if (event.defaultPrevented && !event.target.closest("#pane, #marked, #filtering")) return;
  else if (event.defaultPrevented) event.target.blur();
  else if (listMarked().length && !isTyping(event.target)) markAll(false);
  else if (isTyping(event.target)) event.target.blur();
  else if (isReading() && !isWide.matches) showList();
  else if (!event.target.closest("#pane")) return;
  event.preventDefault();
  goTo(findCurrent());
}

// --- pointer ---

document.addEventListener("click", (event) => {
  const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const link = isPlain && event.target.closest(".row h2 a, #pane .back a, #notice a, [data-ask]");
  if (!link) return;
  if (link.matches("#notice a")) {
    const row = document.getElementById(link.hash.slice(1));
    if (!row) return;
    event.preventDefault();
    showList();
    return goTo(row);
  }
  if (link.matches("[data-ask]")) {
    if (!$("#pane .panel")) return;
    event.preventDefault();
    return toggleAsk(link, editing);
  }
  event.preventDefault();
  if (link.closest(".back")) {
    showList();
    return goTo(findCurrent());
  }
  showPost(link.closest(".row"), link.href);
  // Enter reads the post, a click leaves the cursor in the list.
  if (!event.detail && isWide.matches) $("#pane .scroll")?.focus();
});

// A swipe over the text of a post: to the right approves it, to the left asks why it is rejected.
const SWIPE = 90;
let touched = null;
document.addEventListener(
  "touchstart",
  ({ touches, target }) => {
    // Code and wide tables are moved sideways themselves.
    const isText = touches.length === 1 && target.closest("#pane .read") && !target.closest("pre, .wide");
    touched = isText && !isWide.matches ? touches[0] : null;
  },
  { passive: true },
);
document.addEventListener("touchend", ({ changedTouches: [end] }) => {
  const across = touched ? end.clientX - touched.clientX : 0;
  if (Math.abs(across) < SWIPE || Math.abs(end.clientY - touched.clientY) > Math.abs(across) / 2) return;
  perform(across > 0 ? ACTS.approve : ACTS.reject);
});

const target = $(".row:target");
if (target) goTo(target);
