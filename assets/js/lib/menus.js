// Menus are <details data-menu>: they open without scripts; this closes them when the visitor goes elsewhere.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

function closeOthers(target) {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
}

function closeByKey(event) {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
}

/** On a phone the navigation of settings and studio scrolls sideways: show where the visitor is. */
function showCurrentPage() {
  document.querySelector(":is(.settings-nav, .studio-nav) [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
}

/** Close a menu on a click or focus outside it, and on Escape. */
export function watchMenus() {
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("keydown", closeByKey);
  showCurrentPage();
}
