/** Shows what happens meanwhile, without disturbing whoever is typing, reading with the keyboard or selecting. */
const EVERY_MS = 3000;
const region = document.getElementById("live");

function isInUse() {
  return document.hidden || region.contains(document.activeElement) || !window.getSelection().isCollapsed;
}

async function refresh() {
  if (isInUse()) return;
  const answer = await fetch(window.location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  if (fresh && !isInUse() && fresh.innerHTML !== region.innerHTML) region.innerHTML = fresh.innerHTML;
}

setInterval(() => refresh().catch(() => {}), EVERY_MS);
