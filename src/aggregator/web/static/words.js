// The sentences of the scripts, in the language of the page. What is not English, the page brings along.

const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** Says a sentence, with its {values} filled in. */
export const t = (message, values = {}) =>
  (words[message] ?? message).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
