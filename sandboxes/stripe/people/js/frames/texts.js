const EMBEDDED = JSON.parse(document.getElementById("texts").textContent);

/** "fr" or "en" for whatever locale the merchant gave; "auto" asks the browser. */
export function languageOf(locale = "auto") {
  const wanted = locale === "auto" ? navigator.languages : [locale];
  return wanted.map((each) => each.toLowerCase().slice(0, 2)).find((each) => each in EMBEDDED) ?? "en";
}

export function textsFor(locale) {
  return EMBEDDED[languageOf(locale)];
}

/** Writes the texts into the nodes that ask for them by data-text or data-label. */
export function writeTexts(root, texts, locale) {
  document.documentElement.lang = languageOf(locale);
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = texts[node.dataset.text];
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", texts[node.dataset.label]);
  for (const node of root.querySelectorAll("[data-hint]")) node.placeholder = texts[node.dataset.hint];
}
