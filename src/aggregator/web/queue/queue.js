// Keys and in-place updates for the queue. The script only sends the forms of the page; without it, they work by
// reloading the page.

import { mount } from "/static/editor.js";

const $ = (selector, root = document) => root.querySelector(selector);
const notice = $("#notice");

document.documentElement.classList.add("js");

// --- the current card ---

const listCards = () => [...document.querySelectorAll(".card")];
const findCurrent = () => $(".card.here") ?? document.activeElement?.closest(".card") ?? null;
/** Whether a post is open: undecided, or, under the tab of held posts, held. */
const isOpen = (card) => card.classList.contains($("#cards").dataset.open);

function markCurrent(card) {
  for (const other of document.querySelectorAll(".card.here")) other.classList.remove("here");
  card?.classList.add("here");
}

function goTo(card) {
  if (!card) return;
  markCurrent(card);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const cards = listCards();
  const current = findCurrent();
  if (!current) return goTo(by > 0 ? cards[0] : cards.at(-1));
  goTo(cards[cards.indexOf(current) + by]);
}

/** Goes to the next open post: below the card, else the first one above it. */
function goToNextOpen(card) {
  const cards = listCards();
  const at = cards.indexOf(card);
  const next = cards.slice(at + 1).find(isOpen) ?? cards.slice(0, at).find(isOpen);
  if (next) return goTo(next);
  const end = $("#all-decided");
  markCurrent(null);
  end.hidden = false;
  end.focus();
}

// --- notices ---

function say(text, { failed = false, undo = null, path = null } = {}) {
  notice.classList.add("shown");
  notice.classList.toggle("failed", failed);
  $("[role=status]", notice).textContent = text;
  const link = $("a", notice);
  link.hidden = path === null;
  if (path) link.setAttribute("href", path);
  const form = $("form", notice);
  form.hidden = undo === null;
  if (!undo) return;
  form.setAttribute("action", `/posts/${undo.id.replace("post-", "")}/undo`);
  form.elements.seen.value = $("[name=seen]", undo).value;
}

// --- verdicts ---

async function post(form, button) {
  const answer = await fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form, button)),
  });
  return answer.json();
}

async function send(form, button) {
  const card = form.closest(".card");
  if (card?.hasAttribute("aria-busy")) return;
  card?.setAttribute("aria-busy", "true");
  try {
    let said = await post(form, button);
    if (said.token) {
      // After a login in another tab, the forms of this page belong to the new session.
      for (const field of document.querySelectorAll("[name=token]")) field.value = said.token;
      said = await post(form, button);
    }
    if (said.card) show(said);
    else say(said.error ?? said.message, { failed: said.error !== undefined });
  } catch {
    say("The daemon does not answer. Nothing was stored; try again.", { failed: true });
  } finally {
    card?.removeAttribute("aria-busy");
  }
}

/** Replaces the card of a post with the present one, and says what was done, or why nothing was. */
function show({ id, message, error, is_new: isNew, path, card: markup, others, summary }, isQuiet = false) {
  const old = document.getElementById(`post-${id}`);
  // The post is on another page or of another month: the place in this list is kept.
  if (!old) return say(error ?? message, { failed: error !== undefined, path });
  const scrolled = $(".tabs").scrollLeft;
  $("#summary").replaceWith(read(summary));
  $(".tabs").scrollLeft = scrolled;
  const card = replaceCard(old, read(markup));
  // The decision also changes similar posts.
  for (const other of others.map(read)) {
    const known = document.getElementById(other.id);
    if (known && isUntouched(known)) known.replaceWith(other);
  }
  if (isQuiet) return;
  $("#all-decided").hidden = true;
  say(error ?? message, { failed: error !== undefined, undo: isNew ? card : null });
  if (isNew) goToNextOpen(card);
  else goTo(card);
}

/** Puts the present card in the place of an old one; an open editor stays as it is, with its cursor. */
function replaceCard(old, card) {
  const panel = $(".panel", old);
  if (!$(".editor", panel)) {
    old.replaceWith(card);
    return card;
  }
  const isHere = old.classList.contains("here");
  old.className = card.className;
  old.classList.toggle("here", isHere);
  for (const part of [".rank", ".actions"]) $(part, old).replaceWith($(part, card));
  for (const each of [...panel.parentElement.children]) if (each !== panel) each.remove();
  panel.before(...[...$(".body", card).children].filter((each) => !each.matches(".panel")));
  return old;
}

/** Whether a card is undecided and nobody has typed, chosen or sent anything on it. */
function isUntouched(card) {
  const isChanged = ({ value, defaultValue, options }) =>
    options ? [...options].some((one) => one.selected !== one.defaultSelected) : value !== defaultValue;
  return (
    card.classList.contains("undecided") &&
    !card.hasAttribute("aria-busy") &&
    ![...card.querySelectorAll("input, select, textarea")].some(isChanged)
  );
}

function read(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
}

document.addEventListener("submit", (event) => {
  if (!event.target.hasAttribute("data-verdict")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

// --- keys ---

function press(key) {
  const card = findCurrent();
  if (!card) return say("First go to a post with j.");
  const button = $(`[data-key="${key}"]`, card);
  if (button) button.click();
  else say(`This post is ${card.classList[1]}. Undo that first.`);
}

function openReasons() {
  const card = findCurrent();
  const menu = card && $("details.reject", card);
  if (!menu) return press("r");
  menu.open = true;
  $("button", menu).focus();
  $(".reasons-menu", menu).scrollIntoView({ block: "nearest" });
}

function chooseReason(number) {
  const menu = $(".card details.reject[open]");
  menu?.querySelectorAll("button[name=reason]")[number - 1]?.click();
}

function focusIn(selector) {
  const card = findCurrent();
  const field = card && $(selector, card);
  if (field) field.focus();
  return Boolean(field);
}

function toggleAlternatives() {
  const details = findCurrent()?.querySelector("details.guess");
  if (details) details.open = !details.open;
}

/** Opens or closes a panel under the card with the contents of a link; the link itself leads to a full page. */
async function toggleAsk(card, key, field = null) {
  const link = card && $(`.ask a[data-key="${key}"]`, card);
  if (!link) return;
  const panel = $(".panel", card);
  if (key !== "e" && $(".editor", panel)) return say("The line of this post is being edited. Leave that first with Esc.");
  const address = link.getAttribute("href");
  if (!panel.hidden && panel.dataset.of === address) {
    panel.hidden = true;
    return;
  }
  if (panel.dataset.of !== address) {
    try {
      const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}panel`);
      if (!answer.ok || answer.redirected) return window.location.assign(address);
      panel.replaceChildren(read(await answer.text()));
      panel.dataset.of = address;
      panel.hidden = false;
      if (key === "e") edit(panel);
      if (field) $(field, panel).focus();
    } catch {
      return say("The daemon does not answer.", { failed: true });
    }
  }
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
}

function edit(panel) {
  const close = () => {
    panel.hidden = true;
    panel.replaceChildren();
    delete panel.dataset.of;
  };
  mount($(".editor", panel), {
    saved(said, isDone) {
      if (isDone) close();
      show(said, !isDone);
    },
    leave(error) {
      const card = panel.closest(".card");
      // What could not be stored is there again when the editor is opened again.
      if (error) {
        say(error, { failed: true });
        panel.hidden = true;
      } else close();
      goTo(card);
    },
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".ask a");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  toggleAsk(link.closest(".card"), link.dataset.key);
});

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("a"),
  h: () => press("h"),
  u: () => $("#undo-last").requestSubmit(),
  n: () => findCurrent()?.querySelector('[data-key="n"]')?.click() ?? say("This post does not have a note to add."),
  r: openReasons,
  s: () => focusIn(".actions select") || toggleAsk(findCurrent(), "e", "[name=section]"),
  t: () => focusIn("details.reject[open] input[name=reason]"),
  e: () => toggleAsk(findCurrent(), "e"),
  v: toggleAlternatives,
  w: () => toggleAsk(findCurrent(), "w"),
  p: () => toggleAsk(findCurrent(), "p"),
  o: () => findCurrent()?.querySelector("a.title")?.click(),
  U: () => $("#redo-last").requestSubmit(),
  "/": () => $("#filters input[type=search]")?.focus(),
  "?": () => $("#keys").showModal(),
};

/** Returns the Latin letter of a key, even in a Korean layout (ㅁ is on the key of a). The position of a key counts only
 * if its character is of another script: in other Latin layouts, the key at the position of "/" is "-" or "é". */
function readKey({ key, code, shiftKey }) {
  const turn = (letter) => (shiftKey ? letter.toUpperCase() : letter.toLowerCase());
  if (/^[a-z]$/i.test(key)) return turn(key);
  if (/^[\0-\u024f\u1e00-\u1eff]$/.test(key) || key === "Dead") return key;
  if (code === "Slash") return shiftKey ? "?" : "/";
  return turn(/^Key([A-Z])$/.exec(code)?.[1] ?? "");
}

/** Whether the page may use a key: modifiers belong to the browser, and composition is text. */
const isOurs = (event) =>
  !["Control", "Meta", "Alt", "AltGraph"].some((name) => event.getModifierState(name)) && !event.isComposing;

const isTyping = (element) => element.closest("input:not([type=hidden]), textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (!isOurs(event) || $("dialog[open]")) return;
  if (event.key === "Escape") return leave(event);
  if (isTyping(event.target)) {
    // Browsers differ in what Enter does in a select; here it keeps the choice and goes back to the card.
    if (event.key === "Enter" && event.target.matches(".card select")) leave(event);
    return;
  }
  const key = readKey(event);
  const act = KEYS[key] ?? (key >= "0" && key <= "9" ? () => chooseReason(Number(key) || 10) : null);
  // A key that is held down acts once; only j, k and keys that scroll repeat.
  const isHeld = event.repeat && key !== "j" && key !== "k";
  if (!act && !(isHeld && event.target.closest("button, summary"))) return;
  event.preventDefault();
  if (!isHeld) act();
});

/** Leaves a field or a menu and goes back to the card. */
function leave(event) {
  const menu = event.target.closest("details[open]") ?? $("details.reject[open], details.menu[open]");
  if (menu) menu.open = false;
  else if (isTyping(event.target)) event.target.blur();
  else return;
  event.preventDefault();
  const card = event.target.closest(".card") ?? $(".card.here");
  if (card) goTo(card);
}

// --- pointer ---

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  if (card) markCurrent(card);
});

// A click outside a menu closes it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.reject[open], details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

$(".dismiss").addEventListener("click", () => notice.classList.remove("shown"));
$("#show-keys").addEventListener("click", () => $("#keys").showModal());

// --- the filter ---

const filters = $("#filters");

function applyFilter(field) {
  sessionStorage.setItem("filter", field?.name ?? "");
  filters.requestSubmit();
}

/** Applies a choice by pointer at once. Arrow keys pass through other choices, so a choice by keys is applied on Enter,
 * or when the field loses the focus. */
function watchChoice(select) {
  const applied = $("option[selected]", select) ?? select.options[0];
  const isChanged = () => select.selectedOptions[0] !== applied;
  let byKeys = false;
  select.addEventListener("pointerdown", () => (byKeys = false));
  select.addEventListener("keydown", (event) => {
    byKeys = event.key !== "Enter";
    if (byKeys || !isChanged()) return;
    event.preventDefault();
    applyFilter(select);
  });
  select.addEventListener("change", () => byKeys || applyFilter(select));
  select.addEventListener("blur", ({ relatedTarget: next }) => {
    // A click on a card goes first.
    if (isChanged() && !next?.closest(".card")) applyFilter(next);
  });
}

for (const select of filters?.querySelectorAll("select") ?? []) watchChoice(select);
// On the filtered page, the focus returns to its field.
const left = sessionStorage.getItem("filter");
sessionStorage.removeItem("filter");
if (left) filters?.elements[left]?.focus();

const target = $(".card:target");
if (target) goTo(target);
