// The filter of the list.

import { $ } from "/static/dom.js";

const filters = $("#filters");

/** Applies a choice by pointer at once. Arrow keys pass through other choices, so a choice by keys is applied on Enter,
 * or by the button. */
function watchChoice(select) {
  let byKeys = false;
  select.addEventListener("pointerdown", () => (byKeys = false));
  select.addEventListener("keydown", (event) => {
    byKeys = event.key !== "Enter";
    if (byKeys) return;
    event.preventDefault();
    filters.requestSubmit();
  });
  select.addEventListener("change", () => byKeys || filters.requestSubmit());
}

for (const select of filters?.querySelectorAll("select") ?? []) watchChoice(select);
