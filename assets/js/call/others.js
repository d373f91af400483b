// Whether the other one is in the room: in the page, to a screen reader, and in the title of a window that nobody looks at.
import { announce } from "../lib/live.js";
import { root, shown } from "./page.js";

const { textHere, textAway, textGone, side } = root.dataset;
const title = document.title;
const OUTSIDE = ["before", "waiting", "left"];
let wasHere = false;
let now = "away";

const TEXTS = { here: textHere, away: textAway, gone: textGone };

function draw() {
  for (const one of root.querySelectorAll("[data-call-other]")) {
    one.dataset.callOther = now;
    one.querySelector("[data-call-other-text]").textContent = TEXTS[now];
  }
  document.title = now === "here" && OUTSIDE.includes(shown()) ? `● ${textHere} – ${title}` : title;
}

/** Show what the server says of the other one, and say so when it is news. */
export function showOther(state) {
  const isHere = side === "creator" ? state.fan : state.creator;
  const before = now;
  wasHere ||= isHere;
  now = isHere ? "here" : wasHere ? "gone" : "away";
  draw();
  if (now !== before) announce(TEXTS[now]);
}

root.addEventListener("call:part", draw);
draw();
