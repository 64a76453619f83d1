// Short names for what every script does with a page.

export const $ = (selector, root = document) => root.querySelector(selector);

export function readMarkup(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
}
