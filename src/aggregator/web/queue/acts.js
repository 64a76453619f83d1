// What keys, clicks and swipes do, by the names that the settings have for it.

import { $ } from "/static/dom.js";
import { addToNote } from "/static/editor.js";
import { isTyping, showKey } from "/static/keys.js";
import { findCurrent, findRow, findTitle, goTo, isReading, isWide, moveOn, showPost, step, view } from "/static/list.js";
import { bulk, listMarked, markOn, markRow } from "/static/marks.js";
import { say } from "/static/notice.js";
import { isEditing, openPane, toggleAsk } from "/static/pane.js";
import { decide, sendMarked, star, take } from "/static/verdicts.js";
import { t } from "/static/words.js";

/** What waits for its post. */
let opening = null;
export const waitForPost = () => opening;

/** Does what a key asks for, after what still waits for its post. What was typed for a field that opened meanwhile is not a
 * verdict. */
export function perform(act) {
  const done = opening ? opening.then(() => isTyping(document.activeElement) || act()) : act();
  if (!(done instanceof Promise)) return;
  const mine = done.finally(() => mine === opening && (opening = null));
  opening = mine;
}

const sayGoFirst = () => say(t("First go to a post with {key}.", { key: showKey("next") }));
const DECIDED = {
  approved: t("This post is approved. Undo that first."),
  held: t("This post is held. Undo that first."),
  rejected: t("This post is rejected. Undo that first."),
};
const sayUndoFirst = (row) => say(DECIDED[row.dataset.state]);
const findAgain = (row, verdict) => $(`[data-again="${verdict}"]`, row);

function press(verdict) {
  if (listMarked().length) return sendMarked({ act: verdict });
  const row = findCurrent();
  if (!row) return sayGoFirst();
  const again = findAgain(row, verdict);
  if (again) again.click();
  else if (["undecided", "held"].includes(row.dataset.state)) decide(row, verdict);
  else sayUndoFirst(row);
}

/** Opens the post of the cursor, on a narrow page too; returns nothing if the cursor has moved on or it cannot be shown. */
async function openCurrent(row) {
  if (!isWide.matches && !isReading()) showPost(row, findTitle(row).href);
  await openPane(row.dataset.id, { view });
  const pane = $("#pane");
  return [findCurrent(), pane].every((one) => one?.dataset.id === row.dataset.id) ? pane : null;
}

async function inPane(act) {
  const row = findCurrent();
  const pane = row && (await openCurrent(row));
  return pane && act(pane);
}

/** Opens a menu of the post, with the focus on what *first* finds in it. */
async function showMenu(name, first = "[aria-current]") {
  const row = findCurrent();
  if (!row) return sayGoFirst();
  if (!(await openCurrent(row))) return;
  const menu = document.getElementById(name);
  const button = menu && ($(first, menu) ?? $("button", menu));
  if (!button) return sayUndoFirst(row);
  typed = "";
  menu.open = true;
  button.focus();
}

function starCurrent() {
  const row = findCurrent();
  if (!row) return sayGoFirst();
  return row.dataset.state === "approved" ? star(row) : say(t("Only approved posts are starred."));
}

function askReason() {
  if (listMarked().length) {
    const menu = $("details", bulk);
    menu.open = true;
    return $("button", menu).focus();
  }
  const again = findCurrent() && findAgain(findCurrent(), "reject");
  return again ? again.click() : showMenu("reasons");
}

/** Digits choose in an open menu: the number of a reason, or the number of a section, such as 2 and 4. */
let typed = "";
export function chooseNumber(digit) {
  const at = (Number(digit) || 10) - 1;
  const source = document.activeElement.closest("#reasons[open] [data-verdict=many]");
  if (source?.elements.reason.options[at]) {
    source.elements.reason.selectedIndex = at;
    return source.requestSubmit();
  }
  const reasons = [...document.querySelectorAll("#reasons[open] button[name=reason], #marked details[open] button[name=reason]")];
  if (reasons.length) return reasons[at]?.click();
  const sections = [...document.querySelectorAll("#sections[open] button[name=section]")];
  typed += digit;
  const wanted = (button) => button.value.replace(".", "");
  const found = sections.filter((button) => wanted(button).startsWith(typed));
  if (!found.length) typed = "";
  else if (wanted(found[0]) === typed) found[0].click();
  else found[0].focus();
}

// --- what unfolds in the post ---

export const editing = {
  saved(said, isDone, isShown) {
    // The editor itself says that it has stored something, and a notice would cover its buttons.
    take(said, { before: true, isSilent: !isDone && isShown });
    const row = isDone && findRow(said.id);
    if (row && row === findCurrent()) (said.is_new ? moveOn : goTo)(row);
  },
  leave(error, said) {
    const row = findCurrent();
    goTo(row);
    if (error) return say(error, { failed: true });
    if (said) say(said);
    if (row) openPane(row.dataset.id, { view, isStale: true });
  },
};

function askAbout(name) {
  return inPane((pane) => {
    const link = $(`[data-ask="${name}"]`, pane);
    return link && toggleAsk(link, editing);
  });
}

/** Opens the editor of the line, if it is not open. */
const openEditor = async (pane) => isEditing() || toggleAsk($('[data-ask="e"]', pane), editing);

/** Adds the note of a series, else opens the editor at the note. */
async function writeNote(pane) {
  const button = $("[data-note]", pane);
  if (button) return button.click();
  await openEditor(pane);
  $("#pane [name=note]")?.focus();
}

/** Opens the editor with the proposed title in its field. */
async function takeTitle(pane) {
  await openEditor(pane);
  $("#pane [name=take]")?.click();
}

/** Adds what is selected in the text of the post to its note, as a quotation. */
async function quote(pane) {
  const selection = window.getSelection();
  const isInText = $(".text", pane).contains(selection.anchorNode) && $(".text", pane).contains(selection.focusNode);
  const words = isInText ? selection.toString().trim().replace(/\s+/g, " ") : "";
  if (!words) return say(t("First select some of the text of the post."));
  await openEditor(pane);
  const form = $("#pane .editor");
  // Plain words are not Markdown.
  if (form) addToNote(form, `“${words.replace(/[\\`*_[\]<~]/g, "\\$&")}”`);
}

export const ACTS = {
  next: () => step(1),
  previous: () => step(-1),
  approve: () => press("approve"),
  hold: () => press("hold"),
  hold_until: () => showMenu("until"),
  reject: askReason,
  reject_source: () => showMenu("reasons", "[data-verdict=many] button"),
  type_reason: () => $("#reasons[open] input[name=reason]")?.focus(),
  section: () => showMenu("sections"),
  mark: () => markRow(findCurrent()),
  mark_next: () => markOn(1),
  mark_previous: () => markOn(-1),
  merge: () => (listMarked().length ? sendMarked({ act: "merge" }) : say(t("First mark posts with {key}.", { key: showKey("mark") }))),
  edit: () => askAbout("e"),
  note: () => inPane(writeNote),
  title: () => inPane(takeTitle),
  quote: () => inPane(quote),
  open: () => inPane((pane) => $("a.title", pane)?.click()),
  why: () => askAbout("w"),
  similar: () => askAbout("p"),
  star: starCurrent,
  undo: () => $("#undo-last").requestSubmit(),
  redo: () => $("#redo-last").requestSubmit(),
  filter: () => {
    $("#filtering").open = true;
    $("#filters input[type=search]").focus();
  },
};
