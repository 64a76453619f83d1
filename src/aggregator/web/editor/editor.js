// The form of a line, on its page and under a card: shows the line while it is typed, and stores it after a rest.
// Without the script, the form works by its buttons.

import { explain, sendForm } from "/static/ask.js";
import { keep, offer } from "/static/drafts.js";
import { t } from "/static/words.js";

const REST = 1000;
const PAUSE = 300;
const NOT_SAVED = t("Not saved; kept in this browser.");

const read = (markup) => new DOMParser().parseFromString(markup, "text/html");

/** Whether what was typed last could not be stored. */
export const isUnsaved = (form) => form.querySelector("[role=status]").textContent.startsWith(NOT_SAVED);

/** Adds a piece to the note of a form, as if it were typed; as `add_hint` does without the script. */
export function addToNote(form, piece) {
  const note = form.elements.note;
  note.value += (/\S$/.test(note.value) ? " " : "") + piece;
  note.focus();
  note.setSelectionRange(note.value.length, note.value.length);
  note.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Brings a form to life.
 * @param saved is called with what the daemon says of each storing, and whether the curator is done with the form.
 * @param leave is called when the curator leaves; with an error if something could not be stored, and with what is said of
 * what was.
 */
export function mount(form, { saved, leave }) {
  const state = form.querySelector("[role=status]");
  const fields = [...form.querySelectorAll("[aria-describedby]:not(button)")];
  const readTyped = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  let stored = readTyped();
  const listChanged = () => fields.filter((field) => field.value !== stored[field.name]).map((field) => [field.name, field.value]);
  const isStored = () => !listChanged().length;
  let offered = offer(form, fields, (isWanted) => {
    if (isWanted) for (const field of fields) field.value = offered[field.name] ?? field.value;
    offered = {};
    wait();
  });
  const keepTyped = () => keep(form, { ...offered, ...Object.fromEntries(listChanged()) });
  let isComposing = false;
  /** Somebody else changed the line: only the curator says whether it is overwritten. */
  let isLate = false;
  let resting, pausing, asked;
  let turn = Promise.resolve();

  const send = (path, button) =>
    // The answer may come after the page has gone.
    sendForm(path, () => new URLSearchParams(new FormData(form, button)), { keepalive: document.visibilityState === "hidden" });

  /** Takes over the parts of a form that the daemon has rendered; what is typed stays. */
  function take({ editor }, parts) {
    // An answer may come after the editor was closed.
    if (!editor || !form.isConnected) return;
    for (const part of read(editor).querySelectorAll(parts)) document.getElementById(part.id)?.replaceWith(part);
    for (const field of fields) {
      const fault = document.getElementById(field.getAttribute("aria-describedby").split(" ")[0]);
      if (fault.textContent) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  async function preview() {
    if (!form.isConnected) return;
    const mine = (asked = {});
    const said = await send(form.action.replace(/edit$/, "line")).catch(() => ({}));
    if (mine === asked) take(said, "[data-part]");
  }

  /** Stores what differs, one after the other; returns whether all is stored. */
  const save = (button) => (turn = turn.then(() => store(button)).catch(() => false));

  async function store(button) {
    clearTimeout(resting);
    if (!button && (isLate || isComposing || isStored())) return isStored();
    const sent = readTyped();
    state.textContent = t("Saving");
    let said;
    try {
      said = await send(form.action, button);
    } catch (error) {
      said = { error: explain(error) };
    }
    take(said, "[data-part], [data-stored]");
    isLate = said.status === 409;
    if (said.error) {
      // The form itself says why, if the daemon has rendered it.
      state.textContent = said.editor ? NOT_SAVED : `${NOT_SAVED} ${said.error}`;
      // Another post may be shown by now.
      if (!form.isConnected) leave(state.textContent);
      return false;
    }
    stored = sent;
    keepTyped();
    state.textContent = said.message;
    saved(said, Boolean(button));
    return true;
  }

  async function close() {
    const isSaved = await save();
    leave(isSaved ? null : state.textContent || NOT_SAVED, state.textContent);
  }

  function wait() {
    clearTimeout(resting);
    clearTimeout(pausing);
    if (isComposing) return;
    if (!isLate) state.textContent = "";
    pausing = setTimeout(preview, PAUSE);
    resting = setTimeout(save, REST);
    keepTyped();
  }

  form.addEventListener("compositionstart", () => {
    isComposing = true;
    wait();
  });
  form.addEventListener("compositionend", () => {
    isComposing = false;
    wait();
  });
  form.addEventListener("input", wait);
  form.addEventListener("focusout", ({ relatedTarget }) => form.contains(relatedTarget) || save());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && form.isConnected && save());
  // What is proposed for a field is taken by a button, or by Alt and a key.
  const TAKEN = { KeyY: ["take", "title"], KeyO: ["take-organisation", "organisation"], KeyM: ["take-month", "month"] };
  const findProposed = ({ code }) => code in TAKEN && form.querySelector(`[name=${TAKEN[code][0]}]`);

  /** Puts what is proposed into its field, as if it were typed. */
  function takeProposed(button) {
    const [, name] = Object.values(TAKEN).find(([each]) => each === button.name);
    const field = form.elements[name];
    field.value = button.value;
    field.focus();
    wait();
  }

  /** Sends a picture, and puts it behind the note. */
  async function attach(button) {
    state.textContent = t("Saving");
    const said = await sendForm(button.formAction, () => new FormData(form, button)).catch((error) => ({ error: explain(error) }));
    // The form itself says why it is refused, if the daemon has rendered it.
    state.textContent = said.editor ? "" : (said.error ?? "");
    take(said, "[data-stored]");
    if (!said.markdown || !form.isConnected) return;
    form.elements.picture.value = form.elements.alt.value = "";
    addToNote(form, said.markdown);
  }

  /** Shows what would be sent for a draft of the note, or the draft. */
  async function draft(button) {
    const box = button.closest(".drafting");
    for (const each of box.querySelectorAll("button")) each.disabled = true;
    state.textContent = t("Asking");
    const pack = () => {
      const fields = new URLSearchParams(new FormData(form));
      fields.set("draft", button.value);
      return fields;
    };
    const seconds = Number(box.dataset.seconds);
    const said = await sendForm(button.formAction, pack, { seconds }).catch((error) => ({ error: explain(error, seconds) }));
    for (const each of box.querySelectorAll("button")) each.disabled = false;
    state.textContent = said.error ?? "";
    if (!said.drafting) return;
    // Who went on elsewhere meanwhile stays there.
    const isThere = document.activeElement === document.body || box.contains(document.activeElement);
    box.replaceWith(read(said.drafting).querySelector(".drafting"));
    if (isThere) form.querySelector(".drafting :is(button, summary)").focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.matches("[data-attach]")) attach(event.submitter);
    else if (event.submitter?.name.startsWith("take")) takeProposed(event.submitter);
    else if (event.submitter?.name === "hint") addToNote(form, event.submitter.value);
    else if (event.submitter?.name === "draft") draft(event.submitter);
    else save(event.submitter ?? form.querySelector("button"));
  });
  const findHint = ({ code }) => form.querySelectorAll(".hints [name=hint]")[code.replace(/^Digit/, "") - 1];

  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("[name=then]"));
    else if (event.key === "Escape") close();
    else if (event.altKey && findProposed(event)) takeProposed(findProposed(event));
    else if (event.altKey && findHint(event)) addToNote(form, findHint(event).value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  form.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    close();
  });
  fields[0].focus();
}

const page = document.querySelector("main > .editor");
if (page) {
  document.documentElement.classList.add("js");
  const back = () => window.location.assign(page.querySelector("[data-cancel]").href);
  mount(page, {
    saved: (_said, isDone) => isDone && back(),
    // What could not be stored stays in sight.
    leave: (error) => error ?? back(),
  });
}
