// The room page: the screen before the call, the call, and the screen after it.
import { Call } from "./call.js";
import { togglePanel } from "./chat.js";
import { Devices, problemOf, showLevel } from "./devices.js";
import { config, element, initials, text } from "./texts.js";

const devices = new Devices({ microphone: !config.start_audio_off, camera: !config.start_video_off });
const token = new URLSearchParams(location.search).get("t");
let call = null;
let stopLevel = () => {};

function show(screen) {
  for (const id of ["prejoin", "call", "over"]) element(id).hidden = id !== screen;
}

function setToggle(id, device) {
  const button = element(id);
  const on = devices.isOn(device);
  button.dataset.on = String(on);
  button.querySelector("[data-label]").textContent = text(`turn_${device}_${on ? "off" : "on"}`);
  button.title = text(`turn_${device}_${on ? "off" : "on"}`);
}

function drawDevices() {
  for (const device of ["microphone", "camera"]) {
    setToggle(device, device);
    setToggle(`preview-${device}`, device);
  }
  for (const id of ["preview-video", "self-video"]) showOwn(element(id));
  element("preview-text").textContent = devices.isOn("camera") ? "" : text("camera_is_off");
  element("self").classList.toggle("without-picture", !devices.isOn("camera"));
  element("self-muted").hidden = devices.isOn("microphone");
  drawScreenButton();
  drawProblems();
}

function showOwn(video) {
  // An empty stream would keep the page from ever being loaded.
  const stream = devices.isOn("camera") ? devices.stream : null;
  video.hidden = !stream;
  if (video.srcObject !== stream) video.srcObject = stream;
}

function drawScreenButton() {
  const button = element("screen");
  const sharing = Boolean(devices.screen);
  button.setAttribute("aria-pressed", String(sharing));
  element("sharing").hidden = !sharing;
  button.querySelector("[data-label]").textContent = text(sharing ? "stop_sharing" : "share_screen");
}

function drawProblems() {
  const { microphone, camera } = devices.problems;
  const lines = [microphone ?? camera].filter(Boolean).map((key) => text(key));
  if (camera && !microphone && devices.isOn("microphone")) lines.push(text("no_camera"));
  if (microphone && !camera && devices.isOn("camera")) lines.push(text("no_microphone"));
  if (microphone && camera) lines.push(text("without_devices"));
  element("device-problem-text").textContent = lines.join(" ");
  element("device-problem").hidden = lines.length === 0;
}

async function startDevices() {
  await devices.start();
  // Not earlier: whoever switched off what has not started yet would start it.
  for (const device of ["microphone", "camera"]) element(`preview-${device}`).disabled = false;
  stopLevel();
  stopLevel = showLevel(devices.stream, element("level"));
}

function myName() {
  return config.name ?? element("name")?.value.trim() ?? "";
}

function enter() {
  element("join").disabled = true;
  element("join").textContent = text("joining");
  call = new Call({ entry: { room: config.room, token, name: myName() }, devices });
  call.addEventListener("entered", ({ detail }) => entered(detail));
  call.addEventListener("over", ({ detail }) => over(detail));
  call.addEventListener("refused", ({ detail }) => refused(detail));
  call.start();
}

function entered({ name, features }) {
  stopLevel();
  element("self-initials").textContent = initials(name ?? text("guest"));
  element("screen").hidden = !(features.screenshare && navigator.mediaDevices?.getDisplayMedia);
  element("chat").hidden = !features.chat;
  if (!element("prejoin").hidden || !element("over").hidden) {
    show("call");
    element("microphone").focus({ preventScroll: true });
  }
  drawDevices();
}

const OVER = { ejected: "ended", replaced: "replaced", lost: "lost", left: "you_left" };

function over(reason) {
  const key = OVER[reason] ?? "ended";
  finish(text(key), text(`${key}_text`));
}

function refused(reason) {
  finish(text(`refused_${reason}`), text(`refused_${reason}_text`));
}

function finish(title, line) {
  call = null;
  devices.stop();
  element("over-title").textContent = title;
  element("over-text").textContent = line;
  show("over");
  element("over-title").focus();
}

async function toggleScreen() {
  if (devices.screen) {
    devices.stopScreen();
    return;
  }
  try {
    await devices.startScreen();
  } catch (error) {
    if (problemOf(error) !== "error_blocked") element("announcer").textContent = text("error_screen");
  }
}

function sendLine(event) {
  event.preventDefault();
  const field = element("chat-text");
  if (field.value.trim() && call?.say(field.value)) field.value = "";
}

function onKey(event) {
  if (event.key !== "Escape") return;
  for (const name of ["chat", "people"]) if (!element(`${name}-panel`).hidden) togglePanel(name, false);
}

for (const device of ["microphone", "camera"]) {
  for (const id of [device, `preview-${device}`]) {
    element(id).addEventListener("click", () => devices.toggle(device));
  }
}
for (const name of ["chat", "people"]) element(name).addEventListener("click", () => togglePanel(name));
for (const button of document.querySelectorAll("[data-closes]")) {
  button.addEventListener("click", () => togglePanel(button.dataset.closes, false));
}
devices.addEventListener("change", drawDevices);
element("device-retry").addEventListener("click", startDevices);
element("screen").addEventListener("click", toggleScreen);
element("leave").addEventListener("click", () => call?.leave());
element("rejoin").addEventListener("click", () => location.reload());
element("chat-form").addEventListener("submit", sendLine);
element("join-form").addEventListener("submit", (event) => {
  event.preventDefault();
  enter();
});
document.addEventListener("keydown", onKey);
addEventListener("pagehide", () => call?.connection.leave());
element("join").disabled = false; // not earlier: a click before this would be lost

await startDevices();
if (!config.prejoin) enter();
