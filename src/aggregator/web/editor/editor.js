// The form of a line, on its page and under a card: shows the line while it is typed, and stores it after a rest.
// Without the script, the form works by its buttons.

const REST = 1000;
const PAUSE = 300;
const NOT_SAVED = "Not saved; kept in this window.";

const read = (markup) => new DOMParser().parseFromString(markup, "text/html");

/** Whether what was typed last could not be stored. */
export const isUnsaved = (form) => form.querySelector("[role=status]").textContent.startsWith(NOT_SAVED);

/**
 * Brings a form to life.
 * @param saved is called with what the daemon says of each storing, and whether the curator is done with the form.
 * @param leave is called when the curator leaves; with an error if something could not be stored.
 */
export function mount(form, { saved, leave }) {
  const state = form.querySelector("[role=status]");
  const fields = [...form.querySelectorAll("[aria-describedby]")];
  const pack = () => JSON.stringify(fields.map((field) => field.value));
  let kept = pack();
  let isComposing = false;
  /** Somebody else changed the line: only the curator says whether it is overwritten. */
  let isLate = false;
  let resting, pausing, asked;
  let turn = Promise.resolve();

  async function send(path, button) {
    const post = () =>
      fetch(path, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form, button)),
        // The answer may come after the page has gone.
        keepalive: document.visibilityState === "hidden",
      });
    let answer = await post();
    let said = await answer.json();
    if (said.token) {
      // After a login in another tab, the form belongs to the new session.
      for (const field of document.querySelectorAll("[name=token]")) field.value = said.token;
      answer = await post();
      said = await answer.json();
    }
    return { ...said, status: answer.status };
  }

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
    if (!button && (isLate || isComposing || pack() === kept)) return pack() === kept;
    const sent = pack();
    state.textContent = "Saving";
    let said;
    try {
      said = await send(form.action, button);
    } catch {
      said = { error: "The daemon does not answer." };
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
    kept = sent;
    state.textContent = said.message;
    saved(said, Boolean(button));
    return true;
  }

  async function close() {
    leave((await save()) ? null : state.textContent || NOT_SAVED);
  }

  function wait() {
    clearTimeout(resting);
    clearTimeout(pausing);
    if (isComposing) return;
    if (!isLate) state.textContent = "";
    pausing = setTimeout(preview, PAUSE);
    resting = setTimeout(save, REST);
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
  const offered = () => form.querySelector("[name=take]");

  /** Puts the proposed title into its field, as if it were typed. */
  function takeTitle(button) {
    fields[0].value = button.value;
    fields[0].focus();
    wait();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "take") takeTitle(event.submitter);
    else save(event.submitter ?? form.querySelector("button"));
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("[name=then]"));
    else if (event.key === "Escape") close();
    else if (event.altKey && event.code === "KeyY" && offered()) takeTitle(offered());
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
