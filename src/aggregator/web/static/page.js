// What every page has: the palette, keys that lead elsewhere, the theme, and menus that close.

import { explain, fetchSoon } from "/static/ask.js";
import { $ } from "/static/dom.js";
import { isOurs, isTyping, listKeys, readKey } from "/static/keys.js";
import { t } from "/static/words.js";

const palette = $("#palette");

document.documentElement.classList.add("js");

// --- menus and dialogs ---

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const opener = event.target.closest("[data-opens]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (opener.dataset.opens === "palette") openPalette();
  else $("#keys").showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || $("dialog[open]")) return;
  const menu = event.target.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  event.preventDefault();
  $("summary", menu).focus();
});

// --- keys of every page ---

const PLACES = { a: "/add", q: "/", d: "/digest", f: "/feeds", h: "/history", m: "/model", w: "/weights", r: "/rules", s: "/search" };
let isGoing = false;

// Before the keys of the page itself.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      return openPalette();
    }
    if (!isOurs(event) || event.repeat || $("dialog[open]") || isTyping(event.target)) return;
    const key = readKey(event);
    const place = isGoing && PLACES[key];
    isGoing = key === "g";
    if (place) window.location.assign(place);
    else if (key === "?") $("#keys").showModal();
    else if (key === "/" && !listKeys().has(key)) openPalette();
    else if (!isGoing) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

// --- the palette ---

const field = $("input", palette);
const hits = $("#hits");
let asked;
let waiting;
/** What the hits were found for. */
let found;

function openPalette() {
  if (!palette.open) palette.showModal();
  field.select();
  search();
}

/** The acts of this page that have a line of their own in the list of keys, as things to do. */
function listActs(typed) {
  const keys = [...document.querySelectorAll("#keys dt > [data-act]:only-of-type")];
  const acts = keys.map((key) => ({ key: key.dataset.key, said: key.textContent, title: $("dd", key.closest("div")).textContent.split(/[:;]/)[0] }));
  return acts.filter(({ title }) => title.toLowerCase().includes(typed.toLowerCase()));
}

async function search() {
  const mine = (asked = {});
  const typed = field.value.trim();
  const said = await fetchSoon(`/find?q=${encodeURIComponent(typed)}`).then((answer) => answer.json()).catch((error) => ({ error }));
  if (mine !== asked) return;
  // What has failed is asked for again by Enter.
  found = said.error ? undefined : typed;
  const acts = listActs(typed);
  const groups = [...(said.groups ?? []), ...(acts.length ? [{ name: t("With the open post"), hits: acts }] : [])];
  hits.replaceChildren(...groups.map(showGroup));
  hits.hidden = !groups.length;
  const why = groups.length ? "" : t("Nothing is called that.");
  $("#no-hits").textContent = said.error ? [explain(said.error), t("Press Enter to ask again.")].join(" ") : why;
  choose(hits.querySelector("[role=option]"));
}

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function showGroup(group, place) {
  const heading = make("h2", { id: `hits-${place}`, role: "presentation", textContent: group.name });
  const options = group.hits.map((hit, at) => {
    const option = make("a", { id: `hit-${place}-${at}`, role: "option", tabIndex: -1 }, make("span", { textContent: hit.title, lang: hit.language ?? document.documentElement.lang }), make("span", { textContent: hit.said }));
    option.setAttribute("aria-selected", "false");
    if (hit.path) option.href = hit.path;
    else option.dataset.key = hit.key;
    return option;
  });
  const box = make("div", { role: "group" }, heading, ...options);
  box.setAttribute("aria-labelledby", heading.id);
  return box;
}

function choose(option) {
  hits.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function move(by) {
  const options = [...hits.querySelectorAll("[role=option]")];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  choose(options[(at + by + options.length) % options.length]);
}

/** Takes the chosen hit, once there are those of what is typed. */
async function take() {
  clearTimeout(waiting);
  if (found !== field.value.trim()) await search();
  if (palette.open && found === field.value.trim()) hits.querySelector("[aria-selected=true]")?.click();
}

hits.addEventListener("click", (event) => {
  const option = event.target.closest("[data-key]");
  if (!option) return;
  palette.close();
  const key = option.dataset.key;
  const shiftKey = key !== key.toLowerCase();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
});

field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 120);
});

palette.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter") take();
  else return;
  event.preventDefault();
});

palette.addEventListener("click", (event) => event.target === palette && palette.close());

// --- the theme ---

const THEMES = { "": t("Theme: as the system"), light: t("Theme: light"), dark: t("Theme: dark") };
const theme = $("#theme");

function nameTheme() {
  theme.setAttribute("aria-label", THEMES[document.documentElement.dataset.theme ?? ""]);
  theme.title = theme.getAttribute("aria-label");
}

theme.addEventListener("click", () => {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length];
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
  nameTheme();
});
nameTheme();
