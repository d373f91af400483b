// Lists of offers: rows turn "already booked" while somebody looks, and free again when a hold lapses.
import { announce } from "./lib/live.js";
import { conditional, watch } from "./lib/stream.js";

const SPREAD_MS = 1500;

const rowOf = (id) => document.querySelector(`[data-offer-id="${CSS.escape(id)}"]`);
const labelOf = (status) => document.querySelector(`template[data-offer-label="${status}"]`) ?? document.querySelector("template[data-offer-label=BOOKED]");

/** A row as it is shown when nobody can book it: the same words without the link. */
function close(row, status) {
  const article = row.querySelector(".offer-row");
  const hadFocus = article.contains(document.activeElement);
  article.dataset.state = "taken";
  for (const link of article.querySelectorAll("a.stretched")) link.replaceWith(...link.childNodes);
  article.querySelector(".offer-row-end > .btn, .offer-row-end > .badge")?.replaceWith(labelOf(status).content.cloneNode(true));
  if (!hadFocus) return;
  article.tabIndex = -1;
  article.focus();
}

function say(row) {
  const title = row.querySelector(".offer-row-title")?.textContent.trim();
  const label = row.querySelector(".offer-row-end > .badge")?.textContent.trim();
  if (title && label) announce(`${title}: ${label}`);
}

async function freshPage() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** A row that is free again needs its link: the server draws it. Everybody hears of it at once, so they ask spread in time. */
function reopen(row) {
  setTimeout(async () => {
    const fresh = (await freshPage()).querySelector(`[data-offer-id="${CSS.escape(row.dataset.offerId)}"]`);
    if (fresh && row.dataset.offerStatus === fresh.dataset.offerStatus) row.replaceChildren(...fresh.childNodes);
  }, Math.random() * SPREAD_MS);
}

function apply(id, status) {
  const row = rowOf(id);
  if (!row || row.dataset.offerStatus === status) return;
  row.dataset.offerStatus = status;
  if (status === "AVAILABLE") return reopen(row);
  close(row, status);
  say(row);
}

function applyAll(container, states) {
  if (!states) return;
  for (const row of container.querySelectorAll("[data-offer-id]")) apply(row.dataset.offerId, states[row.dataset.offerId] ?? "CANCELLED");
}

for (const container of document.querySelectorAll("[data-live-creator]")) {
  const creator = encodeURIComponent(container.dataset.liveCreator);
  const ask = conditional(`/api/call-offers/states?creator=${creator}`);
  watch(`/api/call-offers/events?creator=${creator}`, {
    events: { offer: ({ offer, status }) => apply(offer, status) },
    poll: async () => applyAll(container, await ask()),
  });
}
