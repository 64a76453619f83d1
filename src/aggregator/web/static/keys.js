// Which key was pressed, in any layout.

/** Returns the Latin letter of a key, even in a Korean layout (ㅁ is on the key of a). The position of a key counts only
 * if its character is of another script: in other Latin layouts, the key at the position of "/" is "-" or "é". */
export function readKey({ key, code, shiftKey }) {
  const turn = (letter) => (shiftKey ? letter.toUpperCase() : letter.toLowerCase());
  if (/^[a-z]$/i.test(key)) return turn(key);
  if (/^[\0-\u024f\u1e00-\u1eff]$/.test(key) || key === "Dead") return key;
  if (code === "Slash") return shiftKey ? "?" : "/";
  return turn(/^Key([A-Z])$/.exec(code)?.[1] ?? "");
}

/** Whether the page may use a key: modifiers belong to the browser, and composition is text. */
export const isOurs = (event) =>
  !["Control", "Meta", "Alt", "AltGraph"].some((name) => event.getModifierState(name)) && !event.isComposing;

export const isTyping = (element) =>
  element.closest("input:not([type=hidden], [type=checkbox]), textarea, select, [contenteditable]") !== null;

/** The names of the acts of this page by key, as its list of keys says. */
export const listKeys = () =>
  new Map([...document.querySelectorAll("#keys [data-act]")].map(({ dataset }) => [dataset.key, dataset.act]));

/** What the list of keys shows for an act. */
export const showKey = (act) => document.querySelector(`#keys [data-act="${act}"]`).textContent;
