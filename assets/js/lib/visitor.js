// What only the browser knows about its visitor, told to the server by cookies.
import { cookie, setCookie } from "./cookies.js";

/** Tell the server the browser's time zone; fill it into an empty `timezone` field. */
export function rememberTimeZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  if (cookie("tz") !== zone) setCookie("tz", zone);
  for (const field of document.querySelectorAll("[data-fill-timezone]")) selectZone(field, zone);
}

function selectZone(field, zone) {
  const known = field.tagName !== "SELECT" || [...field.options].some((option) => option.value === zone);
  if (known && !field.dataset.touched) field.value = zone;
}

/** Remember the language chosen in the switcher, and keep the place in the page. */
export function rememberLanguage() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-language]");
    if (!link) return;
    setCookie("django_language", link.dataset.language);
    if (location.hash) link.hash = location.hash;
  });
}
