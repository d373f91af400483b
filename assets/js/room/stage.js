// Draws the room from one plain state; asks nobody and keeps nothing but what it drew last.
import { part, text, video, write } from "./dom.js";

const ROOT = part("title").closest("[data-room]");

/** What has been seen of the call, as the stage needs it. */
export const FRESH = Object.freeze({
  name: "",
  joined: false, // the server let us in
  isHere: false, // the other is in the room
  wasHere: false,
  isConnected: false, // we hear each other
  wasConnected: false,
  isLineUp: true, // the server answers
  isPoor: false,
  isPaused: false, // we send no picture, so that the sound gets through
  theirs: { microphone: true, camera: false, screen: false, isPoor: false, isPaused: false },
  mine: { microphone: false, camera: false, screen: false },
});

/** The first letters of a name, where no picture is. */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

/** What stands in the middle when the other cannot be seen: [title, text]. */
export function middleOf(state) {
  if (!state.joined) return ["joining", ""];
  if (state.isConnected) return state.theirs.isPaused ? ["camera_off", "picture_paused"] : ["camera_off", ""];
  if (state.isHere) return ["here", "here_text"];
  return state.wasHere ? ["gone", "gone_text"] : ["not_here", "not_here_text"];
}

/** What is wrong with the connections, if anything. */
export function statusOf(state) {
  if (!state.isLineUp) return "server_reconnecting";
  if (state.isHere && state.wasConnected && !state.isConnected) return "other_reconnecting";
  return "";
}

function drawMiddle(state) {
  const [title, line] = middleOf(state);
  write(part("middle-title"), text(title, state));
  write(part("middle-text"), line && text(line, state));
  write(part("initials"), initials(state.name));
}

function drawTop(state) {
  const status = statusOf(state);
  part("status").hidden = !status;
  write(part("status-text"), status && text(status, state));
  const { isConnected, isPoor, theirs } = state;
  part("poor").hidden = Boolean(status) || !isConnected || !(isPoor || theirs.isPoor);
  write(part("poor-text"), isPoor ? text("poor") : text("poor_other", state));
  part("sharing").hidden = !state.mine.screen;
}

function drawOther(state) {
  const { isConnected, isHere, theirs } = state;
  const isSeen = isHere || isConnected;
  const frozen = isHere && state.wasConnected; // the last picture stays while the connection comes back
  const hasPicture = (isConnected || frozen) && theirs.camera && !theirs.isPaused;
  const hasScreen = (isConnected || frozen) && theirs.screen;
  video("other").hidden = !hasPicture;
  video("screen").hidden = !hasScreen;
  part("middle").hidden = hasPicture || hasScreen;
  ROOT.dataset.state = hasScreen ? "screen" : hasPicture ? "picture" : isSeen ? "here" : "waiting";
  part("other").hidden = !isConnected;
  write(part("other-name"), state.name);
  part("other-muted").hidden = theirs.microphone;
}

function drawSelf({ mine }) {
  video("self").hidden = !mine.camera;
  part("self-off").hidden = mine.camera;
  part("self-muted").hidden = mine.microphone;
  for (const [act, on] of Object.entries({ microphone: mine.microphone, camera: mine.camera, share: mine.screen })) {
    const button = document.querySelector(`.control[data-room-act="${act}"]`);
    button.setAttribute("aria-pressed", String(on));
  }
}

/** Draw it all. */
export function draw(state) {
  drawMiddle(state);
  drawTop(state);
  drawOther(state);
  drawSelf(state);
}

/** Show a track in a media element; the same one is not started again. */
export function play(element, track) {
  const present = element.srcObject?.getTracks()[0] ?? null;
  if (present === track) return;
  element.srcObject = track ? new MediaStream([track]) : null;
}

/** A picture of about the window's shape fills it, another is shown whole. */
export function fit(element) {
  const { videoWidth, videoHeight, clientWidth, clientHeight } = element;
  if (!videoWidth || !clientWidth) return;
  const ratio = videoWidth / videoHeight / (clientWidth / clientHeight);
  element.classList.toggle("fills", ratio < 1.5 && ratio > 0.66);
}
