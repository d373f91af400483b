const THEMES = ["stripe", "night", "flat", "none", "minimal"];
const RULE_SELECTOR = /^\.(Input|Label|Error|Tab|TabLabel|TabIcon|TermsText|Block|Dropdown)(--[a-z]+)?(:[a-z-]+)*$/i;
const KEBAB = /[A-Z]/g;

const kebab = (name) => name.replace(KEBAB, (letter) => `-${letter.toLowerCase()}`);
const isHarmless = (value) => !/url\(|expression|[{};]/i.test(String(value));

/** The merchant's theme, variables and rules; what is not known is passed over, as Stripe.js does. */
export function applyAppearance(appearance = {}) {
  const root = document.documentElement;
  root.dataset.theme = THEMES.includes(appearance.theme) ? appearance.theme : "stripe";
  root.dataset.labels = appearance.labels === "floating" ? "floating" : "above";
  root.removeAttribute("style");
  for (const [name, value] of Object.entries(appearance.variables ?? {})) {
    if (isHarmless(value)) root.style.setProperty(`--${kebab(name)}`, value);
  }
  document.adoptedStyleSheets = [sheetOf(appearance.rules ?? {})];
  return applyScheme();
}

function sheetOf(rules) {
  const sheet = new CSSStyleSheet();
  for (const [selector, declarations] of Object.entries(rules).filter(([name]) => RULE_SELECTOR.test(name))) {
    const rule = sheet.cssRules[sheet.insertRule(`${selector} {}`, sheet.cssRules.length)];
    for (const [name, value] of Object.entries(declarations)) {
      if (isHarmless(value)) rule.style.setProperty(kebab(name), value);
    }
  }
  return sheet;
}

/** Native parts (lists, autofill, scrollbars) follow the fields' own background, dark or light. */
function applyScheme() {
  const scheme = isDark(getComputedStyle(document.querySelector(".Input")).backgroundColor) ? "dark" : "light";
  document.documentElement.style.colorScheme = scheme;
  return scheme;
}

function isDark(color) {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  canvas.fillStyle = "#fff";
  canvas.fillRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;
}

/** Loads the fonts given with their source; a stylesheet of another origin is not let in next to card data. */
export async function loadFonts(fonts = []) {
  const faces = fonts.filter(({ family, src }) => family && src);
  for (const { family, src, ...descriptors } of faces) {
    document.fonts.add(new FontFace(family, src, descriptors));
  }
  if (faces.length) await document.fonts.ready;
}
