// The notice at the foot of a page: what was done, or why nothing was.

const SHOWN = 6000;
export const notice = document.querySelector("#notice");
const [status, link, form, dismiss] = ["[role=status]", "a", "form", ".dismiss"].map((one) => notice.querySelector(one));
let timer;

/** Says something. *failed*: it stays until it is dismissed; *undo*: the number of the post whose verdict can be taken
 * back there; *path*: where to look at it. */
export function say(text, { failed = false, undo = null, path = null } = {}) {
  notice.classList.add("shown");
  notice.classList.toggle("failed", failed);
  if (status.textContent !== text) status.textContent = text;
  link.hidden = path === null;
  if (path) link.setAttribute("href", path);
  form.hidden = undo === null;
  // Without a number, the last action is taken back.
  if (undo) form.dataset.id = undo;
  else delete form.dataset.id;
  clearTimeout(timer);
  if (!failed) timer = setTimeout(hide, SHOWN);
}

/** It stays while somebody is at it. */
function hide() {
  if (notice.matches(":hover, :focus-within")) timer = setTimeout(hide, SHOWN);
  else notice.classList.remove("shown");
}

dismiss.addEventListener("click", () => notice.classList.remove("shown"));
