// The bell's number changes while a page is open: the stream says that it has, the server says what it is.
import { get } from "./api.js";
import { announce } from "./live.js";
import { watch } from "./stream.js";

/** Show what the server says; read out only what is new, not that something was read. */
function show(bell, { count, shown, label }) {
  if (bell.dataset.bell === shown) return;
  const isMore = count > (Number.parseInt(bell.dataset.bell, 10) || 0);
  bell.dataset.bell = shown;
  bell.title = label;
  bell.querySelector("[data-bell-label]").textContent = label;
  const badge = bell.querySelector("[data-bell-count]");
  badge.textContent = shown;
  badge.hidden = !shown;
  if (isMore) announce(label);
}

/**
 * Keep the bell's number true. Browsers open six connections to a site over all of its tabs (HTTP/1.1), and a stream
 * keeps one: only tabs that somebody looks at have one. The stream speaks first, so that each tab that comes back looks.
 */
export function watchBell() {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  let stream = null;
  let asked = 0;
  /** Of answers that overtake each other, the one that was asked for last counts. */
  const look = async () => {
    const mine = ++asked;
    const answer = await get("/api/notifications/unread");
    if (mine === asked) show(bell, answer);
  };
  const follow = () => {
    if (document.hidden) return stream?.close();
    if (stream) return stream.open();
    stream = watch(bell.dataset.events, { events: { notifications: () => look().catch(() => {}) }, poll: look });
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}
