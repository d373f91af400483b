// The page's configuration and its texts, both written into the page by the server.
export const config = JSON.parse(document.getElementById("config").textContent);

/** The text of this key in the page's language, with {name} like parts filled in. */
export function text(key, values = {}) {
  return Object.entries(values).reduce(
    (line, [name, value]) => line.replaceAll(`{${name}}`, String(value)),
    config.texts[key],
  );
}

export const element = (id) => document.getElementById(id);

/** Says something to screen readers. */
export function announce(line) {
  element("announcer").textContent = line;
}

/** "AB" for "Ada Byron", drawn where there is no picture. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "?";
}
