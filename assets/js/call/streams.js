// Opens camera and microphone, and says in our words why one of them cannot be had.
import { chosen } from "./chosen.js";

const PROBLEMS = {
  NotAllowedError: "blocked",
  SecurityError: "blocked",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};
const KINDS = { camera: "video", microphone: "audio" };
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };

function constraint(kind, ids) {
  const which = ids[kind] ? { deviceId: { exact: ids[kind] } } : {};
  return kind === "camera" ? { ...SIZE, ...which } : { echoCancellation: true, ...which };
}

const problemOf = (error) => PROBLEMS[error.name] ?? "busy";

const both = (ids) => ({ video: constraint("camera", ids), audio: constraint("microphone", ids) });

/** What `wish` makes of the devices that were chosen; of any where one of those is not there any more. */
async function open(wish) {
  try {
    return await navigator.mediaDevices.getUserMedia(wish(chosen()));
  } catch (error) {
    if (problemOf(error) !== "missing") throw error;
    return navigator.mediaDevices.getUserMedia(wish({}));
  }
}

async function openOne(kind, tracks, problems) {
  try {
    const stream = await open((ids) => ({ [KINDS[kind]]: constraint(kind, ids) }));
    tracks.push(...stream.getTracks());
  } catch (error) {
    problems.push(`${kind}-${problemOf(error)}`);
  }
}

/**
 * Both if they can be had, else what there is: `{ stream, problems }`. The problems are `insecure`, `blocked`,
 * `camera-missing`, `camera-busy`, `microphone-missing`, `microphone-busy`. Asks the person once.
 */
export async function openDevices() {
  if (!navigator.mediaDevices?.getUserMedia) return { stream: null, problems: ["insecure"] };
  try {
    return { stream: await open(both), problems: [] };
  } catch (error) {
    if (problemOf(error) === "blocked") return { stream: null, problems: ["blocked"] };
  }
  const tracks = [];
  const problems = [];
  for (const kind of Object.keys(KINDS)) await openOne(kind, tracks, problems);
  const isBlocked = problems.some((problem) => problem.endsWith("-blocked"));
  return { stream: tracks.length ? new MediaStream(tracks) : null, problems: isBlocked ? ["blocked"] : problems };
}

/** Let go of camera and microphone: their lights go out. */
export function closeDevices(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Which words about blocked devices fit this browser: all on iOS are Safari inside. */
export function browserName() {
  const agent = navigator.userAgent;
  const isTouchMac = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
  if (/iPhone|iPad|iPod/.test(agent) || isTouchMac) return "ios";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Android/.test(agent)) return "android";
  if (/Chrome\/|Chromium\//.test(agent)) return "chrome";
  return /Safari\//.test(agent) ? "safari" : "other";
}
