"use strict";
const list = document.getElementById("list");
const address = "/mailbox/list?" + new URLSearchParams({ q: list.dataset.query, current: list.dataset.current });
let known = "";

function tellTimes() {
  const now = new Date();
  for (const time of document.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const today = moment.toDateString() === now.toDateString() && time.closest(".mails");
    time.textContent = today
      ? moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
      : moment.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

// Only the list is renewed: whoever reads is not disturbed.
async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(address, { headers: known ? { "If-None-Match": known } : {}, cache: "no-store" });
    if (answer.status !== 200) return;
    known = answer.headers.get("ETag");
    const part = await answer.text();
    const focused = list.contains(document.activeElement) && document.activeElement.getAttribute("href");
    list.innerHTML = part;
    if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    tellTimes();
  } catch {
    // The sandbox is restarting; the next try will tell.
  }
}

function fitFrame(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  frame.style.height = "0";
  frame.style.height = root.scrollHeight + 2 + "px";
}

async function use(button) {
  const answer = await fetch(button.dataset.control, { method: "POST" });
  if (answer.ok) return location.reload();
  document.getElementById("refusal").textContent = (await answer.json()).error;
}

const frame = document.getElementById("body");
if (frame) {
  frame.addEventListener("load", () => fitFrame(frame));
  addEventListener("resize", () => fitFrame(frame));
  if (frame.contentDocument?.readyState === "complete") fitFrame(frame);
}
document.getElementById("outcomes")?.addEventListener("click", (event) => {
  if (event.target.dataset.control) use(event.target);
});
tellTimes();
setInterval(refresh, 1500);
document.addEventListener("visibilitychange", refresh);
