// The queue by keys and pointer: the cursor, verdicts that do not wait, and the post that is open beside the list. The
// script only sends the forms of the page; without it, they work by reloading the page.

import { isOurs, isTyping, readKey } from "/static/keys.js";
import { openPane, readMarkup, toggleAsk } from "/static/pane.js";
import { say } from "/static/notice.js";

const $ = (selector, root = document) => root.querySelector(selector);
const list = $("#posts");
const view = list?.dataset.view ?? location.pathname;

// --- the cursor ---

const listRows = () => [...document.querySelectorAll(".row")];
const findRow = (id) => document.getElementById(`post-${id}`);
const findCurrent = () => $(".row[aria-current]");
/** Whether a post is to be decided: undecided, or, in the view of held posts, held. */
const isOpen = (row) => row.dataset.state === list.dataset.open;
const isWide = matchMedia("(min-width: 62.5rem)");
const isReading = () => document.body.classList.contains("reading");
/** How often the cursor moved: an answer does not move one that moved meanwhile. */
let moves = 0;

function markCurrent(row) {
  for (const other of document.querySelectorAll(".row[aria-current]")) other.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  if (row && (isWide.matches || isReading())) openPane(row.dataset.id, { view, next: findNext(row) });
}

function goTo(row) {
  if (!row) return;
  moves += 1;
  markCurrent(row);
  $("h2 a", row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** The first press of j goes to the post that is open already. */
function step(by) {
  const rows = listRows();
  const current = findCurrent();
  if (!current || (!moves && document.activeElement === document.body)) return goTo(current ?? rows[0]);
  goTo(rows[rows.indexOf(current) + by]);
}

/** The next post to decide: below a row, else the first one above it. */
function findNext(row) {
  const rows = listRows();
  const at = rows.indexOf(row);
  return rows.slice(at + 1).find(isOpen) ?? rows.slice(0, at).find(isOpen);
}

function moveOn(row) {
  const next = findNext(row);
  if (next) return goTo(next);
  moves += 1;
  showList();
  const end = $("#all-decided");
  end.hidden = false;
  end.focus();
}

// --- one post on a narrow page ---

function showPost(row, address) {
  if (!isWide.matches && !isReading()) {
    document.body.classList.add("reading");
    history.pushState(null, "", address);
  }
  goTo(row);
  if (isWide.matches) return;
  window.scrollTo(0, 0);
  $("#pane .scroll").focus({ preventScroll: true });
}

function showList() {
  if (isWide.matches || !isReading()) return;
  document.body.classList.remove("reading");
  history.pushState(null, "", view);
}

window.addEventListener("popstate", () => {
  document.body.classList.toggle("reading", /[?&](open|done)=/.test(location.search));
  const row = findRow(new URLSearchParams(location.search).get("open")) ?? findCurrent();
  if (row) goTo(row);
});

// --- verdicts: shown at once, sent in order ---

const SAID = { approve: ["approved", "Approved"], hold: ["held", "Held"], reject: ["rejected", "Rejected"] };
let turn = Promise.resolve();
/** The forms that are not answered yet. */
const pending = new Set();
const listPending = (id) => [...pending].filter((about) => about.id && String(about.id) === String(id));

function decide(row, verdict, { reason = "", section = "", until = "" } = {}) {
  $(".failure", row)?.remove();
  const before = row.cloneNode(true);
  const [state, said] = SAID[verdict];
  fold(row, state, reason ? `${said}: ${reason}` : said);
  say(`${said}: ${$("h2", row).textContent.trim()}`, { undo: row.dataset.id });
  moveOn(row);
  const fields = { reason, section, until };
  ask(`/posts/${row.dataset.id}/${verdict}`, fields, { id: row.dataset.id, before, at: moves, verdict, fields });
}

/** Shows a row as decided until the daemon answers. */
function fold(row, state, said) {
  row.dataset.state = state;
  row.classList.add("decided");
  $(".facts .state", row)?.remove();
  $(".facts > span", row).prepend(Object.assign(document.createElement("span"), { className: `state ${state}`, textContent: said }));
}

/** Sends a form after those before it. */
function ask(path, fields, about = {}) {
  pending.add(about);
  turn = turn.then(async () => {
    if (about.error) {
      pending.delete(about);
      return reopen(about, about.error);
    }
    try {
      let said = await post(path, fields, about.id);
      if (said.token) {
        // After a login in another tab, the forms of this page belong to the new session.
        for (const field of document.querySelectorAll("[name=token]")) field.value = said.token;
        said = await post(path, fields, about.id);
      }
      pending.delete(about);
      if (said.error) holdBack(about, said.error);
      take(said, about);
    } catch {
      const error = "The daemon does not answer. Nothing was stored; try again.";
      pending.delete(about);
      holdBack(about, error);
      reopen(about, error);
    }
  });
}

/** Does not send what was pressed in the belief that a form would not fail: the next one of its post, and an undo. */
function holdBack({ id }, error) {
  for (const about of pending) if (about.isUndo || (id && String(about.id) === String(id))) about.error ??= error;
}

/** Leaves a row to the form that follows; returns whether one does. */
function leaveToNext(old, row) {
  const next = listPending(row.dataset.id);
  if (!next.length) return false;
  old.dataset.seen = row.dataset.seen;
  for (const about of next) if (about.before) about.before = row.cloneNode(true);
  return true;
}

async function post(path, fields, id) {
  const row = id && findRow(id);
  const isMany = fields instanceof URLSearchParams;
  const body = isMany ? fields : new URLSearchParams({ ...(row && { seen: row.dataset.seen }), ...fields });
  body.set("token", $("[name=token]").value);
  body.set("next", view);
  const answer = await fetch(path, {
    method: "POST",
    headers: { Accept: "application/json" },
    body,
  });
  return answer.json();
}

/** Puts a row back as it was before a verdict that failed. */
function reopen(about, error) {
  const row = about.id && findRow(about.id);
  if (row && about.before) {
    replaceRow(row, about.before);
    addFailure(about.before, error, about);
  }
  say(error, { failed: true, path: row?.querySelector("h2 a").href });
}

/** Says on a row why its verdict failed, and offers it again. */
function addFailure(row, error, { at, verdict, fields }) {
  const line = Object.assign(document.createElement("p"), { className: "failure", textContent: error });
  if (verdict) {
    const name = verdict[0].toUpperCase() + verdict.slice(1);
    const said = `${name} anyway${fields.reason && `: ${fields.reason}`}`;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: said });
    button.dataset.again = verdict;
    button.addEventListener("click", () => decide(row, verdict, fields));
    line.append(button);
  }
  $("h2", row).after(line);
  // The cursor comes back unless somebody has moved it.
  if (at === moves) goTo(row);
}

/** Takes over what the daemon says: the row, where the month stands, and the rows of similar posts. */
function take(said, about = {}) {
  const { id, message, error, row: markup, others = [], standing, views, path, is_new: isNew } = said;
  const { at = moves, before } = about;
  for (const part of [standing, views].filter(Boolean).map(readMarkup)) document.getElementById(part.id)?.replaceWith(part);
  for (const other of others.map(readMarkup)) {
    const known = document.getElementById(other.id);
    if (known && !listPending(other.dataset.id).length && known.dataset.state === "undecided") replaceRow(known, other);
  }
  if (said.rows) return takeMany(said, at);
  if (error && !id) return reopen(about, error);
  const old = id && findRow(id);
  if (!old) {
    if (id) openPane(id, { view, isStale: true, isQuiet: $("#pane")?.dataset.id !== String(id) });
    return say(error ?? message, { failed: error !== undefined, path: markup ? path : null });
  }
  const row = readMarkup(markup);
  if (leaveToNext(old, row)) return;
  const isHere = replaceRow(old, row);
  say(error ?? message, { failed: error !== undefined, undo: isNew ? String(id) : null, path: error ? $("h2 a", row).href : null });
  if (error) addFailure(row, error, about);
  else if (!before && at === moves) {
    goTo(row);
    // Only the curator's own moves count.
    moves = at;
  }
  openPane(id, { view, isStale: true, isQuiet: !isHere && findCurrent() !== row });
}

/** Returns whether the cursor is on the row, which it stays on. */
function replaceRow(old, row) {
  const isHere = old.hasAttribute("aria-current");
  const hadFocus = old.contains(document.activeElement);
  $("input", row).checked = $("input", old).checked;
  old.replaceWith(row);
  row.toggleAttribute("aria-current", false);
  if (isHere) row.setAttribute("aria-current", "true");
  if (isOpen(row)) $("#all-decided").hidden = true;
  if (hadFocus) $("h2 a", row).focus({ preventScroll: true });
  return isHere;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const verdict = form.dataset.verdict;
  if (verdict === undefined) return;
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form, event.submitter));
  if (form === bulk) {
    for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
    const act = new URL(event.submitter.formAction).searchParams.get("act");
    return sendMarked({ ...(act && { act }), [event.submitter.name]: event.submitter.value });
  }
  const pane = form.closest("#pane");
  for (const menu of form.closest(".verdicts")?.querySelectorAll("details[open]") ?? []) menu.open = false;
  const row = pane && (findCurrent() ?? findRow(pane.dataset.id));
  if (row && verdict in SAID) return decide(row, verdict, fields);
  // What is said of an undo is that of the post in the notice, or of the last action.
  const id = pane?.dataset.id ?? form.dataset.id;
  // A form that waits for one before it, or for the post after it, goes by the row.
  if (listPending(id).length || pane?.hasAttribute("aria-busy")) delete fields.seen;
  ask(form.dataset.id ? `/posts/${id}/undo` : form.getAttribute("action"), fields, { id, at: moves, isUndo: !id });
});

// --- many at once ---

const bulk = $("#marked");
const listMarked = () => [...document.querySelectorAll(".row input:checked")];

function countMarked() {
  if (!bulk) return;
  const count = listMarked().length;
  bulk.hidden = !count;
  list.classList.toggle("marking", count > 0);
  $("[role=status]", bulk).textContent = count ? `${count} marked` : "";
}

function markRow(row, isMarked) {
  if (!row) return;
  const box = $("input", row);
  box.checked = isMarked ?? !box.checked;
  countMarked();
}

function markAll(isMarked) {
  for (const row of listRows()) $("input", row).checked = isMarked;
  countMarked();
}

/** Marks the row of the cursor and the next one. */
function markOn(by) {
  const row = findCurrent();
  if (!row) return step(by);
  markRow(row, true);
  const rows = listRows();
  goTo(rows[rows.indexOf(row) + by]);
  markRow(findCurrent(), true);
}

function sendMarked(fields) {
  const query = new URLSearchParams(fields);
  for (const box of listMarked()) query.append("post", box.value);
  ask(`/queue/${bulk.action.split("/").at(-2)}/many`, query, { at: moves });
  markAll(false);
}

/** Takes over the rows of many posts. */
function takeMany({ rows = [], gone = [], message, is_new: isNew }, at) {
  for (const row of rows.map(readMarkup)) {
    const old = document.getElementById(row.id);
    if (old && !leaveToNext(old, row)) replaceRow(old, row);
  }
  for (const row of gone.map(findRow).filter(Boolean)) {
    if (row === findCurrent()) markCurrent(row.previousElementSibling ?? row.nextElementSibling);
    row.remove();
  }
  countMarked();
  for (const id of [...rows.map((row) => readMarkup(row).dataset.id), ...gone]) {
    openPane(id, { isStale: true, isQuiet: true });
  }
  say(message, { undo: isNew ? "" : null });
  const row = findCurrent() ?? listRows()[0];
  if (at === moves && row && !isOpen(row) && findNext(row)) {
    goTo(findNext(row));
    moves = at;
  } else if (row) openPane(row.dataset.id, { view, isStale: true });
}

document.addEventListener("change", (event) => event.target.matches(".row input") && countMarked());
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark]");
  if (button) markAll(button.dataset.mark === "all");
});
countMarked();

// --- keys ---

function press(verdict) {
  if (listMarked().length) return sendMarked({ act: verdict });
  const row = findCurrent();
  if (!row) return say("First go to a post with j.");
  const again = $(`[data-again="${verdict}"]`, row);
  if (again) again.click();
  else if (["undecided", "held"].includes(row.dataset.state)) decide(row, verdict);
  else say(`This post is ${row.dataset.state}. Undo that first.`);
}

/** What waits for its post. */
let opening = null;

/** Does what a key asks for, after what still waits for its post. What was typed for a field that opened meanwhile is no
 * verdict. */
function perform(act) {
  const done = opening ? opening.then(() => isTyping(document.activeElement) || act()) : act();
  if (!(done instanceof Promise)) return;
  const mine = done.finally(() => mine === opening && (opening = null));
  opening = mine;
}

async function showMenu(name) {
  const row = findCurrent();
  if (!row) return say("First go to a post with j.");
  if (name === "reasons" && listMarked().length) {
    const menu = $("details", bulk);
    menu.open = true;
    return $("button", menu).focus();
  }
  const again = name === "reasons" && $('[data-again="reject"]', row);
  if (again) return again.click();
  const pane = await openCurrent(row);
  if (!pane) return;
  const menu = document.getElementById(name);
  if (!menu) return say(`This post is ${row.dataset.state}. Undo that first.`);
  typed = "";
  menu.open = true;
  ($("[aria-current]", menu) ?? $("button", menu)).focus();
}

/** Digits choose in an open menu: the number of a reason, or the number of a section, such as 2 and 4. */
let typed = "";
function chooseNumber(digit) {
  const reasons = [...document.querySelectorAll("#reasons[open] button[name=reason], #marked details[open] button[name=reason]")];
  if (reasons.length) return reasons[(Number(digit) || 10) - 1]?.click();
  const sections = [...document.querySelectorAll("#sections[open] button[name=section]")];
  typed += digit;
  const wanted = (button) => button.value.replace(".", "");
  const found = sections.filter((button) => wanted(button).startsWith(typed));
  if (!found.length) typed = "";
  else if (wanted(found[0]) === typed) found[0].click();
  else found[0].focus();
}

/** Opens the post of the cursor, on a narrow page too; returns nothing if the cursor has moved on or it cannot be shown. */
async function openCurrent(row) {
  if (!isWide.matches && !isReading()) showPost(row, $("h2 a", row).href);
  await openPane(row.dataset.id, { view });
  const pane = $("#pane");
  return [findCurrent(), pane].every((one) => one?.dataset.id === row.dataset.id) ? pane : null;
}

async function inPane(act) {
  const row = findCurrent();
  const pane = row && (await openCurrent(row));
  return pane && act(pane);
}

function askAbout(name) {
  return inPane((pane) => {
    const link = $(`[data-ask="${name}"]`, pane);
    return link && toggleAsk(link, editing);
  });
}

/** Adds the note of a series, else opens the editor at the note. */
async function writeNote(pane) {
  const button = $('[data-key="n"]', pane);
  if (button) return button.click();
  await toggleAsk($('[data-ask="e"]', pane), editing);
  $("#pane [name=note]")?.focus();
}

const editing = {
  saved(said, isDone) {
    take(said, { before: true });
    const row = isDone && findRow(said.id);
    if (row && row === findCurrent()) (said.is_new ? moveOn : goTo)(row);
  },
  leave(error) {
    const row = findCurrent();
    goTo(row);
    if (error) say(error, { failed: true });
    else if (row) openPane(row.dataset.id, { view, isStale: true });
  },
};

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("approve"),
  h: () => press("hold"),
  u: () => $("#undo-last").requestSubmit(),
  U: () => $("#redo-last").requestSubmit(),
  x: () => markRow(findCurrent()),
  J: () => markOn(1),
  K: () => markOn(-1),
  H: () => showMenu("until"),
  r: () => showMenu("reasons"),
  s: () => showMenu("sections"),
  t: () => $("#reasons[open] input[name=reason]")?.focus(),
  n: () => inPane(writeNote),
  m: () => (listMarked().length ? sendMarked({ act: "merge" }) : say("First mark posts with x.")),
  e: () => askAbout("e"),
  w: () => askAbout("w"),
  p: () => askAbout("p"),
  o: () => inPane((pane) => $("a.title", pane)?.click()),
  "/": () => {
    $("#filtering").open = true;
    $("#filters input[type=search]").focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (!isOurs(event) || $("dialog[open]")) return;
  if (event.key === "Escape") return opening ? opening.then(() => leave(event)) : leave(event);
  if (isTyping(event.target)) return;
  const key = readKey(event);
  const act = KEYS[key] ?? (/^[0-9]$/.test(key) ? () => chooseNumber(key) : null);
  // A key that is held down acts once; only j, k and keys that scroll repeat.
  const isHeld = event.repeat && key !== "j" && key !== "k";
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
  if (findCurrent()) goTo(findCurrent());
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
  if (across > 0) press("approve");
  else perform(KEYS.r);
});

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

// What is open beside the list is the post of the cursor, also if the page was narrow before.
isWide.addEventListener("change", () => findCurrent() && markCurrent(findCurrent()));

// --- the filter ---

const filters = $("#filters");

function applyFilter() {
  filters.requestSubmit();
}

/** Applies a choice by pointer at once. Arrow keys pass through other choices, so a choice by keys is applied on Enter,
 * or by the button. */
function watchChoice(select) {
  let byKeys = false;
  select.addEventListener("pointerdown", () => (byKeys = false));
  select.addEventListener("keydown", (event) => {
    byKeys = event.key !== "Enter";
    if (byKeys) return;
    event.preventDefault();
    applyFilter();
  });
  select.addEventListener("change", () => byKeys || applyFilter());
}

for (const select of filters?.querySelectorAll("select") ?? []) watchChoice(select);

const target = $(".row:target");
if (target) goTo(target);
