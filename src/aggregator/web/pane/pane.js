// The post that is open beside the list, and what unfolds in it: its editor, the reasons for its section, similar posts.

import { mount } from "/static/editor.js";
import { say } from "/static/notice.js";

const $ = (selector, root = document) => root.querySelector(selector);
/** Markup of posts by number. The next post to decide is fetched before it is wanted. */
const kept = new Map();
const MOST = 20;
let wanted = null;

export function readMarkup(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
}

class Refusal extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

function fetchPost(id, view) {
  if (!kept.has(id)) {
    const asked = fetch(`/posts/${id}/pane?view=${encodeURIComponent(view)}`).then((answer) => {
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
  wanted = id;
  if (old.dataset.id !== id || (isStale && !isEditing())) {
    old.setAttribute("aria-busy", "true");
    try {
      const shown = await fetchPost(id, view);
      // What is typed into an editor that was opened meanwhile stays.
      const isEdited = $("#pane").dataset.id === id && isEditing();
      if (wanted === id && !isEdited) replacePane(readMarkup(shown));
    } catch (error) {
      // What is said next tells that the session has ended.
      if (wanted === id && error.status !== 401) {
        say(error.status ? "This post cannot be shown." : "The daemon does not answer.", { failed: true });
      }
    }
  }
  if (next) fetchPost(next.dataset.id, view).catch(() => {});
}

function replacePane(pane) {
  const old = $("#pane");
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(pane);
  if (hadFocus) $(".scroll", pane).focus({ preventScroll: true });
}

export const isEditing = () => $("#pane .editor") !== null;

/** Opens or closes the panel of the post with the contents of a link; the link itself leads to a full page. */
export async function toggleAsk(link, editing) {
  let panel = $("#pane .panel");
  const { id } = $("#pane").dataset;
  const isEditor = link.dataset.ask === "e";
  if (!isEditor && isEditing()) return say("The line of this post is being edited. Leave that first with Esc.");
  const address = link.getAttribute("href");
  if (!panel.hidden && panel.dataset.of === address) return close(panel);
  if (panel.dataset.of !== address) {
    try {
      const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}panel`);
      if (!answer.ok || answer.redirected) return window.location.assign(address);
      const shown = readMarkup(await answer.text());
      // Meanwhile the pane may have been rendered anew, or show another post.
      if ($("#pane").dataset.id !== id) return;
      panel = $("#pane .panel");
      panel.replaceChildren(shown);
      panel.dataset.of = address;
      panel.hidden = false;
      if (isEditor) edit(panel, editing);
    } catch {
      return say("The daemon does not answer.", { failed: true });
    }
  }
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
}

const close = (panel) => {
  panel.hidden = true;
};

export function closeEditor() {
  const panel = $("#pane .panel");
  panel.hidden = true;
  panel.replaceChildren();
  delete panel.dataset.of;
}

function edit(panel, { saved, leave }) {
  mount($(".editor", panel), {
    saved(said, isDone) {
      if (isDone) closeEditor();
      saved(said, isDone);
    },
    leave(error) {
      // What could not be stored is there again when the editor is opened again.
      if (error) panel.hidden = true;
      else closeEditor();
      leave(error);
    },
  });
}
