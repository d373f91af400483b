// The chat and the list of people: two panels of which at most one is open.
import { announce, element, text } from "./texts.js";

const shown = new Set();

/** Opens or closes a panel ("chat" or "people"); the other one closes. */
export function togglePanel(name, open = element(`${name}-panel`).hidden) {
  for (const each of ["chat", "people"]) setPanel(each, each === name && open);
  if (open) element(name === "chat" ? "chat-text" : "people-panel").focus();
  else element(name).focus();
}

function setPanel(name, open) {
  element(`${name}-panel`).hidden = !open;
  element("call").classList.toggle(`with-${name}`, open);
  element(name).setAttribute("aria-expanded", String(open));
  element(name).querySelector("[data-label]").textContent = text(`${open ? "close" : "open"}_${name}`);
  if (open && name === "chat") setUnread(0);
}

function setUnread(count) {
  const badge = element("unread");
  badge.hidden = count === 0;
  badge.dataset.count = count;
  badge.textContent = count ? String(count) : "";
  badge.setAttribute("aria-label", text("unread"));
}

/** Adds a line unless it is there already, as after coming back. */
export function addLine(line, { mine, quiet = false }) {
  if (shown.has(line.id)) return;
  shown.add(line.id);
  element("chat-empty").hidden = true;
  element("chat-log").append(drawLine(line, mine));
  element("chat-log").scrollTop = element("chat-log").scrollHeight;
  if (mine || quiet || !element("chat-panel").hidden) return;
  setUnread(Number(element("unread").dataset.count ?? 0) + 1);
  announce(`${line.name ?? text("guest")}: ${line.text}`);
}

function drawLine(line, mine) {
  const item = document.createElement("div");
  item.className = mine ? "line mine" : "line";
  const head = document.createElement("p");
  head.className = "line-head";
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" });
  head.textContent = `${mine ? text("you") : (line.name ?? text("guest"))} · ${time.format(line.at * 1000)}`;
  const body = document.createElement("p");
  body.className = "line-text";
  body.textContent = line.text;
  item.append(head, body);
  return item;
}

/** Lists who is here: [{name, owner, microphone, camera, you}]. */
export function drawPeople(people) {
  element("people-list").replaceChildren(...people.map(drawPerson));
  element("count").textContent = text("in_room", { count: people.length });
}

function drawPerson(person) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.className = "person-name";
  name.textContent = person.you ? `${person.name} (${text("you")})` : person.name;
  const notes = document.createElement("span");
  notes.className = "muted small";
  const off = [person.owner && text("host"), !person.microphone && text("muted"), !person.camera && text("video_off")];
  notes.textContent = off.filter(Boolean).join(" · ");
  item.append(name, notes);
  return item;
}
