// The rows of the queue and the cursor; on a narrow page, whether the list or the open post is shown.

import { $ } from "/static/dom.js";
import { openPane } from "/static/pane.js";

const list = $("#posts");
export const view = list?.dataset.view ?? location.pathname;

export const listRows = () => [...document.querySelectorAll(".row")];
export const findRow = (id) => document.getElementById(`post-${id}`);
export const findCurrent = () => $(".row[aria-current]");
export const findTitle = (row) => $("h2 a", row);
/** Whether a post is to be decided: undecided, or, in the view of held posts, held. */
export const isOpen = (row) => row.dataset.state === list.dataset.open;
export const isWide = matchMedia("(min-width: 62.5rem)");
export const isReading = () => document.body.classList.contains("reading");

// --- the cursor ---

let moves = 0;
/** How often the cursor moved: an answer does not move one that moved meanwhile. */
export const countMoves = () => moves;

export function markCurrent(row) {
  for (const other of document.querySelectorAll(".row[aria-current]")) other.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  if (row && (isWide.matches || isReading())) openPane(row.dataset.id, { view, next: findNext(row) });
}

export function goTo(row) {
  if (!row) return;
  moves += 1;
  markCurrent(row);
  findTitle(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** Goes where an answer leads, unless the curator has moved since; only their own moves count. */
export function follow(row, at) {
  if (at !== moves) return;
  goTo(row);
  moves = at;
}

const findBeside = (row, by) => {
  const rows = listRows();
  return rows[rows.indexOf(row) + by];
};

/** The first press of j goes to the post that is open already. */
export function step(by) {
  const current = findCurrent();
  if (!current || (!moves && document.activeElement === document.body)) return goTo(current ?? listRows()[0]);
  goTo(findBeside(current, by));
}

/** Goes on from the post that is open, whether or not the cursor was there. */
export const stepOn = (by) => goTo(findBeside(findCurrent(), by));

/** The next post to decide: below a row, else the first one above it. */
export function findNext(row) {
  const rows = listRows();
  const at = rows.indexOf(row);
  return rows.slice(at + 1).find(isOpen) ?? rows.slice(0, at).find(isOpen);
}

export function moveOn(row) {
  const next = findNext(row);
  if (next) return goTo(next);
  moves += 1;
  showList();
  const end = $("#all-decided");
  end.hidden = false;
  end.focus();
}

/** Puts a row in the place of an older one of the same post; returns whether the cursor is on it, which stays there. */
export function replaceRow(old, row) {
  const isHere = old.hasAttribute("aria-current");
  const hadFocus = old.contains(document.activeElement);
  const failure = $(".failure", old);
  // What failed is still to be done if the post is as it was.
  if (failure && old.dataset.state === row.dataset.state) $("h2", row).after(failure);
  $("input", row).checked = $("input", old).checked;
  old.replaceWith(row);
  row.toggleAttribute("aria-current", false);
  if (isHere) row.setAttribute("aria-current", "true");
  if (isOpen(row)) $("#all-decided").hidden = true;
  if (hadFocus) findTitle(row).focus({ preventScroll: true });
  return isHere;
}

// The cursor follows the focus.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest(".row");
  if (row && row !== findCurrent()) {
    moves += 1;
    markCurrent(row);
  }
  // Nobody is taken away from a menu or a form.
  if (event.target.closest("details, .editor")) moves += 1;
});

// --- one post on a narrow page ---

export function showPost(row, address) {
  if (!isWide.matches && !isReading()) {
    document.body.classList.add("reading");
    history.pushState(null, "", address);
  }
  goTo(row);
  if (isWide.matches) return;
  window.scrollTo(0, 0);
  $("#pane .scroll").focus({ preventScroll: true });
}

export function showList() {
  if (isWide.matches || !isReading()) return;
  document.body.classList.remove("reading");
  history.pushState(null, "", view);
}

window.addEventListener("popstate", () => {
  document.body.classList.toggle("reading", /[?&](open|done)=/.test(location.search));
  goTo(findRow(new URLSearchParams(location.search).get("open")) ?? findCurrent());
});

// What is open beside the list is the post of the cursor, also if the page was narrow before.
isWide.addEventListener("change", () => findCurrent() && markCurrent(findCurrent()));
