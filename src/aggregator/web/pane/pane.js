// The post that is open beside the list, and what unfolds in it: its editor, the reasons for its section, similar posts.

import { explain, fetchSoon } from "/static/ask.js";
import { $, readMarkup } from "/static/dom.js";
import { isUnsaved, mount } from "/static/editor.js";
import { say } from "/static/notice.js";
import { t } from "/static/words.js";

/** Markup of posts by number. The next post to decide is fetched before it is wanted. */
const kept = new Map();
const MOST = 20;
/** What was asked for last: only its answer is shown. */
let wanted = null;
/** Panels by post whose line could not be stored before another post was shown. */
const unsaved = new Map();

class Refusal extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

function fetchPost(id, view) {
  if (!kept.has(id)) {
    const asked = fetchSoon(`/posts/${id}/pane?view=${encodeURIComponent(view)}`).then((answer) => {
      if (!answer.ok) throw new Refusal(answer.status);
      return answer.text();
    });
    asked.catch(() => kept.delete(id));
    kept.set(id, asked);
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  return kept.get(id);
}

/**
 * Shows a post.
 * @param next is the row that is likely to be wanted next.
 * @param isStale: what is known of the post is older than its last change.
 * @param isQuiet: only forget what is stale; another post is shown.
 */
export async function openPane(id, { view, next, isStale = false, isQuiet = false }) {
  id = String(id);
  if (isStale) kept.delete(id);
  const old = $("#pane");
  if (isQuiet || !old) return;
  const isShown = old.dataset.id === id;
  const isWanted = isShown && !isStale && wanted?.id === id;
  const mine = isWanted ? wanted : (wanted = { id });
  if (!isWanted && (!isShown || old.hasAttribute("aria-busy") || (isStale && !isEditing()))) {
    old.setAttribute("aria-busy", "true");
    try {
      const shown = await fetchPost(id, view);
      // An editor that was opened meanwhile stays.
      if (wanted === mine && !(isShown && isEditing())) replacePane(readMarkup(shown));
    } catch (error) {
      // What is said next tells that the session has ended.
      if (wanted === mine && error.status !== 401) {
        const retry = () => openPane(id, { view, next, isStale: true });
        say(error.status ? t("This post cannot be shown.") : explain(error), { failed: true, retry });
      }
    } finally {
      if (wanted === mine && isShown) $("#pane").removeAttribute("aria-busy");
    }
  }
  if (next) fetchPost(next.dataset.id, view).catch(() => {});
}

function replacePane(pane) {
  const old = $("#pane");
  const focused = old.contains(document.activeElement) && document.activeElement;
  if (old.dataset.id === pane.dataset.id) keepMenu(old, pane);
  else if (isEditing()) leaveEditor(old);
  const left = unsaved.get(pane.dataset.id);
  unsaved.delete(pane.dataset.id);
  if (left?.hasChildNodes()) $(".panel", pane).replaceWith(left);
  old.replaceWith(pane);
  if (focused) (pane.contains(focused) ? focused : $(".scroll", pane)).focus({ preventScroll: true });
}

/** Keeps the editor of a post that is left until it is stored. */
function leaveEditor(old) {
  const form = $(".editor", old);
  const panel = form.closest(".panel");
  panel.hidden = true;
  unsaved.set(old.dataset.id, panel);
  if (isUnsaved(form)) sayUnsaved(form);
}

const sayUnsaved = (form) => say(`${form.getAttribute("aria-label")}: ${$(".state", form).textContent}`, { failed: true });

/** Keeps the menu that is open, with what is typed there; its forms are about the post as it is now. */
function keepMenu(old, pane) {
  const menu = $("details.menu[open]", old);
  const there = menu && pane.querySelector(`#${menu.id}`);
  if (!there) return;
  for (const field of menu.querySelectorAll("[name=seen]")) field.value = $("[name=seen]", there).value;
  there.replaceWith(menu);
}

export const isEditing = () => $("#pane .editor") !== null;

/** Opens or closes the panel of the post with the contents of a link; the link itself leads to a full page. */
export async function toggleAsk(link, editing) {
  let panel = $("#pane .panel");
  const { id } = $("#pane").dataset;
  const isEditor = link.dataset.ask === "e";
  if (!isEditor && isEditing()) return say(t("The line of this post is being edited. Leave that first with Esc."));
  const address = link.getAttribute("href");
  if (!panel.hidden && panel.dataset.of === address) return close(panel);
  if (panel.dataset.of !== address) {
    try {
      const answer = await fetchSoon(`${address}${address.includes("?") ? "&" : "?"}panel`);
      if (!answer.ok || answer.redirected) return window.location.assign(address);
      const shown = readMarkup(await answer.text());
      // The pane may show another post by now, or an editor.
      if ($("#pane").dataset.id !== id || isEditing()) return;
      panel = $("#pane .panel");
      panel.replaceChildren(shown);
      panel.dataset.of = address;
      panel.hidden = false;
      if (isEditor) edit(panel, editing);
    } catch (error) {
      return say(explain(error), { failed: true, retry: () => toggleAsk(link, editing) });
    }
  }
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
  if (isEditor) $("[aria-describedby]", panel).focus();
}

const close = (panel) => {
  panel.hidden = true;
};

function closeEditor(panel) {
  panel.hidden = true;
  panel.replaceChildren();
  delete panel.dataset.of;
}

function edit(panel, { saved, leave }) {
  const form = $(".editor", panel);
  mount(form, {
    saved(said, isDone) {
      const isShown = panel.isConnected;
      if (isDone || !isShown) closeEditor(panel);
      saved(said, isDone, isShown);
    },
    leave(error, said) {
      // What could not be stored is there again when the editor is opened again.
      if (error) panel.hidden = true;
      else closeEditor(panel);
      if (panel.isConnected) leave(error, said);
      else if (error) sayUnsaved(form);
    },
  });
}
