// Three notes through the chosen speakers.
const NOTES = [523.25, 659.25, 783.99]; // Hz: C, E, G
const NOTE_SECONDS = 0.35;
const LOUDNESS = 0.25;

/** Whether a page may choose the speakers here. */
export const canChooseSpeakers = () => "setSinkId" in HTMLMediaElement.prototype;

function play(context, destination, frequency, at) {
  const note = new OscillatorNode(context, { frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setTargetAtTime(LOUDNESS, at, 0.02);
  volume.gain.setTargetAtTime(0, at + NOTE_SECONDS * 0.6, 0.08);
  note.connect(volume).connect(destination);
  note.start(at);
  note.stop(at + NOTE_SECONDS * 2);
}

/** Play them; resolves when they are over. */
export async function playTone(speaker) {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const player = new Audio();
  player.srcObject = destination.stream;
  if (speaker && canChooseSpeakers()) await player.setSinkId(speaker).catch(() => {});
  await Promise.all([player.play(), context.resume()]);
  NOTES.forEach((frequency, index) => play(context, destination, frequency, context.currentTime + 0.05 + index * NOTE_SECONDS));
  await new Promise((resolve) => setTimeout(resolve, 1000 * NOTE_SECONDS * (NOTES.length + 1)));
  player.srcObject = null;
  await context.close();
}
