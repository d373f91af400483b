// The check of camera, microphone and speakers before a call. Nothing is opened before the click; all is closed at the door.
import { announce } from "../lib/live.js";
import { choose, chosen } from "./chosen.js";
import { meterIn } from "./meter.js";
import { browserName, closeDevices, openDevices } from "./streams.js";
import { canChooseSpeakers, playTone } from "./tone.js";

const card = document.querySelector("[data-devices]");
const find = (name, value) => card.querySelector(value === undefined ? `[data-devices-${name}]` : `[data-devices-${name}="${value}"]`);
const all = (name) => card.querySelectorAll(`[data-devices-${name}]`);
const KINDS = { camera: "videoinput", microphone: "audioinput", speaker: "audiooutput" };
let stream = null;
let checks = 0;
let meter = null;

function showHeard(answer) {
  for (const one of all("heard")) one.hidden = one.dataset.devicesHeard !== answer;
}

/** Where the check stands: idle, asking, on, partly (one of the two is missing), again (nothing works). */
function setState(state) {
  card.dataset.devices = state;
  const isOn = state === "on" || state === "partly";
  const notes = state === "partly" ? ["partly", "again"] : [state];
  for (const one of all("note")) one.hidden = !notes.includes(one.dataset.devicesNote);
  for (const one of all("when")) one.hidden = !isOn;
  card.setAttribute("aria-busy", String(state === "asking"));
}

function showProblems(problems) {
  for (const one of all("problem")) one.hidden = !problems.includes(one.dataset.devicesProblem);
  const texts = [...all("problem")].filter((one) => !one.hidden).map((one) => one.innerText.trim());
  if (texts.length) announce(texts.join(" "), "assertive");
}

function showPicture() {
  const hasPicture = Boolean(stream?.getVideoTracks().length);
  const picture = find("picture");
  picture.srcObject = hasPicture ? stream : null;
  picture.hidden = !hasPicture;
  find("dark").hidden = hasPicture;
}

/** Which device a track really is: the browser may have taken another than the one we wished for. */
const inUse = (kind) => stream?.getTracks().find((track) => track.kind === kind)?.getSettings().deviceId;

function fill(kind, found, current) {
  const select = find("choice", kind);
  const devices = found.filter((device) => device.kind === KINDS[kind]);
  const labels = devices.map((device, index) => device.label || `${select.labels[0].textContent} ${index + 1}`);
  select.replaceChildren(...devices.map((device, index) => new Option(labels[index], device.deviceId)));
  if (devices.some((device) => device.deviceId === current)) select.value = current;
}

async function fillChoices() {
  const found = await navigator.mediaDevices.enumerateDevices();
  fill("camera", found, inUse("video"));
  fill("microphone", found, inUse("audio"));
  fill("speaker", found, chosen().speaker);
  find("field", "camera").hidden = !stream.getVideoTracks().length;
  find("field", "microphone").hidden = !stream.getAudioTracks().length;
  find("speakers").hidden = !canChooseSpeakers() || !find("choice", "speaker").length;
}

/** A device that is pulled out in the middle of the check is looked for again. */
function watchTracks() {
  for (const track of stream.getTracks()) track.addEventListener("ended", () => stream?.getTracks().includes(track) && start());
}

async function show(problems) {
  showPicture();
  if (!stream) return setState("again");
  await fillChoices();
  setState(problems.length ? "partly" : "on");
  meter.start(stream);
  watchTracks();
  return undefined;
}

/** The button that was pressed may be gone: what comes next begins below the heading. */
function keepFocus(before) {
  if (card.contains(before) && document.activeElement === document.body) card.querySelector("h2").focus();
}

/** Begin the check, or go on with another device: then what is chosen from stays where it is. */
async function start() {
  const { activeElement } = document;
  const wasOn = Boolean(stream);
  const number = release();
  if (!wasOn) setState("asking");
  showProblems([]);
  const opened = await openDevices();
  if (number !== checks) return closeDevices(opened.stream);
  stream = opened.stream;
  showProblems(opened.problems);
  await show(opened.problems);
  if (!opened.problems.length) announce(find("note", "on").textContent.trim());
  return keepFocus(activeElement);
}

/** Everything is let go; what is still being opened will be closed as soon as it is there. Answers the new check's number. */
function release() {
  checks += 1;
  const old = stream;
  stream = null;
  meter.stop();
  closeDevices(old);
  return checks;
}

async function tone() {
  find("tone").hidden = false;
  const button = find("act", "tone");
  button.disabled = true;
  await playTone(chosen().speaker).catch(() => {});
  button.disabled = false;
  button.focus();
}

function stop() {
  endCheck();
  card.querySelector("h2").focus();
}

/** Close camera and microphone: the room wants them, or nobody does any more. */
export function endCheck() {
  release();
  showProblems([]);
  showPicture();
  find("tone").hidden = true;
  setState("idle");
}

/** Whoever unblocks the devices in the browser need not press a button again. */
async function watchPermission() {
  const status = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
  status?.addEventListener("change", () => status.state === "granted" && card.dataset.devices === "again" && start());
}

/** Let the card work. */
export function watchDevices() {
  const acts = { start, tone, stop };
  const browser = browserName();
  meter = meterIn(find("meter"), showHeard);
  for (const one of card.querySelectorAll("[data-browser]")) one.hidden = one.dataset.browser !== browser;
  card.addEventListener("click", (event) => acts[event.target.closest("[data-devices-act]")?.dataset.devicesAct]?.());
  card.addEventListener("change", ({ target }) => {
    choose(target.dataset.devicesChoice, target.value);
    if (target.dataset.devicesChoice !== "speaker") start();
  });
  navigator.mediaDevices?.addEventListener?.("devicechange", () => stream && fillChoices());
  addEventListener("pagehide", release);
  watchPermission();
}
