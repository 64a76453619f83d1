// Head and headings: shows the page while they are typed. Without the script, the button does.

import { fetchSoon } from "/static/ask.js";

const PAUSE = 300;
const form = document.querySelector("#texts");
let pausing, asked;

async function preview() {
  const mine = (asked = {});
  try {
    const answer = await fetchSoon("/texts/preview", { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked || !page.querySelector("#texts")) return;
    for (const part of page.querySelectorAll("[data-part]")) document.getElementById(part.id)?.replaceWith(part);
  } catch {
    // The button says what is wrong.
  }
}

form.addEventListener("input", () => {
  clearTimeout(pausing);
  pausing = setTimeout(preview, PAUSE);
});
