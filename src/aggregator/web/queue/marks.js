// The marks of posts, for acts on many at once.

import { $ } from "/static/dom.js";
import { findCurrent, listRows, step, stepOn } from "/static/list.js";
import { t } from "/static/words.js";

export const bulk = $("#marked");
export const listMarked = () => [...document.querySelectorAll(".row input:checked")];

export function countMarked() {
  if (!bulk) return;
  const count = listMarked().length;
  bulk.hidden = !count;
  $("#posts").classList.toggle("marking", count > 0);
  $("[role=status]", bulk).textContent = count ? t("{number} marked", { number: count }) : "";
}

export function markRow(row, isMarked) {
  if (!row) return;
  const box = $("input", row);
  box.checked = isMarked ?? !box.checked;
  countMarked();
}

export function markAll(isMarked) {
  for (const row of listRows()) $("input", row).checked = isMarked;
  countMarked();
}

/** Marks the post that is open and the one beside it. */
export function markOn(by) {
  if (!findCurrent()) return step(by);
  markRow(findCurrent(), true);
  stepOn(by);
  markRow(findCurrent(), true);
}

document.addEventListener("change", (event) => event.target.matches(".row input") && countMarked());
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark]");
  if (button) markAll(button.dataset.mark === "all");
});
countMarked();
