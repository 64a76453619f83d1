// Verdicts and the other forms of the queue: shown at once, sent in order.

import { explainSending, sendForm } from "/static/ask.js";
import { $, readMarkup } from "/static/dom.js";
import { countMoves, findCurrent, findNext, findRow, findTitle, follow, goTo, isOpen, listRows, markCurrent, moveOn, replaceRow, view } from "/static/list.js";
import { bulk, countMarked, listMarked, markAll } from "/static/marks.js";
import { say } from "/static/notice.js";
import { openPane } from "/static/pane.js";
import { t } from "/static/words.js";

const SAID = {
  approve: ["approved", t("Approved"), t("Approve anyway")],
  hold: ["held", t("Held"), t("Hold anyway")],
  reject: ["rejected", t("Rejected"), t("Reject anyway")],
};
let turn = Promise.resolve();
/** The forms that are not answered yet. */
const pending = new Set();
const listPending = (id) => [...pending].filter((about) => about.id && String(about.id) === String(id));
/** Takes back or brings back the newest act, so it is not sent twice, and not after something that failed. */
const isOfNewest = ({ path }) => path === "/undo" || path === "/redo";

export function decide(row, verdict, { reason = "", section = "", until = "" } = {}) {
  $(".failure", row)?.remove();
  const before = row.cloneNode(true);
  const [state, said] = SAID[verdict];
  const path = `/posts/${row.dataset.id}`;
  fold(row, state, reason ? `${said}: ${reason}` : said);
  say(`${said}: ${$("h2", row).textContent.trim()}`, { undo: `${path}/undo` });
  moveOn(row);
  ask(`${path}/${verdict}`, { reason, section, until }, { id: row.dataset.id, before, verdict });
}

/** Makes a post a highlight, or not; the daemon says whether it may be one. */
export function star(row) {
  const id = row.dataset.id;
  ask(`/posts/${id}/${"starred" in row.dataset ? "unstar" : "star"}`, {}, { id });
}

/** Shows a row as decided until the daemon answers. */
function fold(row, state, said) {
  row.dataset.state = state;
  row.classList.add("decided");
  $(".facts .state", row)?.remove();
  $(".facts > span", row).prepend(Object.assign(document.createElement("span"), { className: `state ${state}`, textContent: said }));
}

/** Sends a form after those before it. */
function ask(path, fields, about) {
  Object.assign(about, { path, fields, at: countMoves() });
  pending.add(about);
  turn = turn.then(async () => {
    if (about.error) {
      pending.delete(about);
      return reopen(about, about.error);
    }
    try {
      const said = await sendForm(path, () => pack(about));
      pending.delete(about);
      if (said.error) holdBack(about, said.error);
      take(said, about);
    } catch (failure) {
      const error = explainSending(failure);
      pending.delete(about);
      holdBack(about, error);
      reopen(about, error);
    }
  });
}

function pack({ id, fields }) {
  const row = id && findRow(id);
  const isMany = fields instanceof URLSearchParams;
  const body = isMany ? fields : new URLSearchParams({ ...(row && { seen: row.dataset.seen }), ...fields });
  body.set("token", $("[name=token]").value);
  body.set("next", view);
  return body;
}

function askAgain({ path, fields, id, verdict }) {
  const row = id && findRow(id);
  if (row) delete fields.seen;
  if (row && verdict) decide(row, verdict, fields);
  else ask(path, fields, { id });
}

/** Does not send what was pressed in the belief that a form would not fail: the next one of its post, and an undo, which
 * would reach further back. */
function holdBack({ id }, error) {
  for (const about of pending) if (isOfNewest(about) || (id && String(about.id) === String(id))) about.error ??= error;
}

/** Leaves a row to the form that follows; returns whether one does. */
function leaveToNext(old, row) {
  const next = listPending(row.dataset.id);
  if (!next.length) return false;
  old.dataset.seen = row.dataset.seen;
  for (const about of next) if (about.before) about.before = row.cloneNode(true);
  return true;
}

/** Puts a row back as it was before a form that failed, and offers that again, there or in the notice. */
function reopen(about, error) {
  const row = about.id && findRow(about.id);
  const retry = isOfNewest(about) ? null : () => askAgain(about);
  if (row) {
    if (about.before) replaceRow(row, about.before);
    addFailure(about.before ?? row, error, about, retry);
  }
  say(error, { failed: true, path: row ? findTitle(row).href : null, retry: row ? null : retry });
}

/** Says on a row why something failed, and offers to do it again. */
function addFailure(row, error, about, retry) {
  $(".failure", row)?.remove();
  const { at, path, verdict, fields } = about;
  const line = Object.assign(document.createElement("p"), { className: "failure", textContent: error });
  line.dataset.path = path;
  if (retry) {
    const name = verdict ? `${SAID[verdict][2]}${fields.reason && `: ${fields.reason}`}` : t("Try again");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name, onclick: retry });
    button.dataset.again = verdict ?? "";
    line.append(button);
  }
  $("h2", row).after(line);
  // The cursor comes back unless somebody has moved it.
  if (at === countMoves()) goTo(row);
}

/** Takes over what the daemon says: the row, where the month stands, and the rows of similar posts. */
export function take(said, about = {}) {
  const { id, message, error, row: markup, others = [], standing, views, path, is_new: isNew } = said;
  const { at = countMoves(), before } = about;
  for (const part of [standing, views].filter(Boolean).map(readMarkup)) document.getElementById(part.id)?.replaceWith(part);
  for (const other of others.map(readMarkup)) {
    const known = document.getElementById(other.id);
    if (known && !listPending(other.dataset.id).length && known.dataset.state === "undecided") replaceRow(known, other);
  }
  if (said.rows) return takeMany(said, at);
  if (error && !id) return reopen(about, error);
  const failed = error !== undefined;
  const old = id && findRow(id);
  if (!old) {
    if (id) openPane(id, { view, isStale: true, isQuiet: $("#pane")?.dataset.id !== String(id) });
    return say(error ?? message, { failed, path: markup ? path : null });
  }
  const row = readMarkup(markup);
  if (leaveToNext(old, row)) return;
  if ($(".failure", old)?.dataset.path === about.path) $(".failure", old)?.remove();
  const isHere = replaceRow(old, row);
  if (!about.isSilent) say(error ?? message, { failed, undo: isNew ? `/posts/${id}/undo` : null, path: failed ? findTitle(row).href : null });
  if (failed) addFailure(row, error, about, about.verdict && (() => askAgain(about)));
  else if (!before) follow(row, at);
  openPane(id, { view, isStale: true, isQuiet: !isHere && findCurrent() !== row });
}

// --- many at once ---

export function sendMarked(fields) {
  const query = new URLSearchParams(fields);
  for (const box of listMarked()) query.append("post", box.value);
  ask(`/queue/${bulk.action.split("/").at(-2)}/many`, query, {});
  markAll(false);
}

/** Takes over the rows of many posts. */
function takeMany({ rows = [], gone = [], message, undo = null }, at) {
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
  say(message, { undo });
  const row = findCurrent() ?? listRows()[0];
  if (at === countMoves() && row && !isOpen(row) && findNext(row)) follow(findNext(row), at);
  else if (row) openPane(row.dataset.id, { view, isStale: true });
}

// --- forms ---

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
  const path = form.getAttribute("action");
  const id = /^\/posts\/(\d+)\//.exec(path)?.[1];
  // A form that waits for one before it, or for the post after it, goes by the row.
  if (listPending(id).length || pane?.hasAttribute("aria-busy")) delete fields.seen;
  ask(path, fields, { id });
});
