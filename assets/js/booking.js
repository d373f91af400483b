// The page of one offer: it locks the moment that somebody else books it, says so and shows what else there is.
import { announce } from "./lib/live.js";
import { conditional, watch } from "./lib/stream.js";

const root = document.querySelector("[data-booking-page]");
const { offer, panelUrl } = root.dataset;
const DOING = ["pointerdown", "keydown", "wheel", "touchstart"];
let refreshing = null;

const panel = () => root.querySelector("[data-panel]");
const isSending = () => Boolean(root.querySelector("form[data-sent]"));

/** Going back by itself is for those who are not there: whatever the visitor does stops it. */
function returnAfterAWhile() {
  const note = root.querySelector("[data-auto-return]");
  if (!note) return;
  let left = Number(note.dataset.seconds);
  const seconds = note.querySelector("[data-auto-return-seconds]");
  note.hidden = false;
  const tick = () => {
    left -= 1;
    seconds.textContent = left;
    if (left <= 0) location.assign(note.dataset.autoReturn);
  };
  const timer = setInterval(tick, 1000);
  const stop = () => {
    clearInterval(timer);
    note.hidden = true;
    for (const doing of DOING) removeEventListener(doing, stop, { capture: true });
  };
  for (const doing of DOING) addEventListener(doing, stop, { capture: true, passive: true });
}

function show(html) {
  const before = panel();
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-panel]");
  const hadFocus = before.contains(document.activeElement);
  before.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("h2")?.focus();
  announce(fresh.dataset.announce, "assertive");
  if (before.dataset.panel === "free" && fresh.hasAttribute("data-lost")) returnAfterAWhile();
}

async function refresh() {
  panel().inert = true;
  try {
    const response = await fetch(panelUrl, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (response.ok) show(await response.text());
    else if (response.status === 404) location.reload();
  } finally {
    panel().inert = false;
  }
}

function apply(status) {
  if (status === panel().dataset.status || isSending()) return;
  refreshing ??= refresh()
    .catch(() => {})
    .finally(() => {
      refreshing = null;
    });
}

const ask = conditional(`/api/call-offers/${offer}`);
watch(`/api/call-offers/${offer}/events`, {
  events: { offer: ({ status }) => apply(status) },
  poll: async () => {
    const answer = await ask();
    if (answer) apply(answer.status);
  },
});
