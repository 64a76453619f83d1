// The notice at the foot of a page: what was done, or why nothing was.

import { $ } from "/static/dom.js";

const SHOWN = 6000;
const notice = $("#notice");
const [status, link, form, again, dismiss] = ["[role=status]", "a", "form", ".again", ".dismiss"].map((one) => $(one, notice));
let timer, act;

/** Says something. *failed*: it stays until it is dismissed; *undo*: the address that takes it back; *path*: where to
 * look at it; *retry*: what does it again. */
export function say(text, { failed = false, undo = null, path = null, retry = null } = {}) {
  notice.classList.add("shown");
  notice.classList.toggle("failed", failed);
  if (status.textContent !== text) status.textContent = text;
  link.hidden = path === null;
  if (path) link.setAttribute("href", path);
  form.hidden = undo === null;
  if (undo) form.setAttribute("action", undo);
  again.hidden = retry === null;
  act = retry;
  clearTimeout(timer);
  if (!failed) timer = setTimeout(hide, SHOWN);
}

/** It stays while somebody is at it. */
function hide() {
  if (notice.matches(":hover, :focus-within")) timer = setTimeout(hide, SHOWN);
  else close();
}

const close = () => notice.classList.remove("shown");

dismiss.addEventListener("click", close);
again.addEventListener("click", () => {
  close();
  act();
});
