// The recording of a call: agreeing to it, taking that back, and seeing that it runs, before the call and in the room.
import { get, post, remove } from "./lib/api.js";
import { toast } from "./lib/toast.js";

const root = document.querySelector("[data-call]");
const booking = root.dataset.call;
const places = [...root.querySelectorAll("[data-recording]")];
let turn = 0;

function draw(place, { stage, mine }) {
  place.hidden = stage === "not_offered";
  for (const one of place.querySelectorAll("[data-recording-when]")) {
    one.hidden = !one.dataset.recordingWhen.split(" ").includes(stage);
  }
  const consent = place.querySelector("[data-recording-switch]");
  if (consent) consent.checked = mine;
}

/** Show what the server answers; an answer that was overtaken by a later question counts no more. */
async function show(answer) {
  turn += 1;
  const mine = turn;
  const state = await answer;
  if (mine === turn) for (const place of places) draw(place, state);
}

/** News of anything are a reason to look. Without an answer the page stays as it is: the next news are on their way. */
const look = () => show(get(`/api/daily/recording?booking_id=${booking}`)).catch(() => {});

async function decide(agrees) {
  const path = "/api/daily/recording-consent";
  const ref = { booking_id: booking };
  try {
    await show(agrees ? post(path, ref) : remove(`${path}?booking_id=${booking}`));
  } catch (problem) {
    toast(problem.message, "error");
    await look();
  }
}

for (const place of places) {
  place.addEventListener("change", ({ target }) => target.matches("[data-recording-switch]") && decide(target.checked));
  place.addEventListener("click", ({ target }) => target.closest("[data-recording-act=stop]") && decide(false));
}
root.addEventListener("call:news", look);
look();
