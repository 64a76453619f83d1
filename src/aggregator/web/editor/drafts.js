// What was typed of a line and is not stored yet: this browser keeps it by post, so that a window can be closed.

import { $ } from "/static/dom.js";
import { t } from "/static/words.js";

const name = (form) => `typed ${form.getAttribute("action")}`;

/** Keeps values by the names of their fields; none are forgotten. */
export function keep(form, typed) {
  if (Object.keys(typed).length) localStorage.setItem(name(form), JSON.stringify(typed));
  else localStorage.removeItem(name(form));
}

/**
 * Offers what an earlier editor of the post could not store, if the line says something else.
 * @param choose is called with whether it is wanted.
 * @returns what is offered.
 */
export function offer(form, fields, choose) {
  const typed = JSON.parse(localStorage.getItem(name(form)) ?? "{}");
  const lost = fields.filter((field) => field.name in typed && typed[field.name] !== field.value);
  const offered = Object.fromEntries(lost.map((field) => [field.name, typed[field.name]]));
  if (!lost.length) return offered;
  const box = Object.assign(document.createElement("div"), { className: "box warning typed" });
  const add = (tag, textContent, more) => box.appendChild(Object.assign(document.createElement(tag), { textContent, ...more }));
  add("p", t("This was typed before and not saved:"));
  for (const field of lost) add("p", `${$("label", field.closest(".field")).textContent}: ${offered[field.name]}`);
  const button = (label, isWanted) => {
    const onclick = () => {
      box.remove();
      choose(isWanted);
    };
    add("button", label, { type: "button", onclick });
  };
  button(t("Take it"), true);
  button(t("Drop it"), false);
  form.prepend(box);
  return offered;
}
