// How much picture the line carries. Pure: from what was measured to what is sent.

/** What is sent at each level, best first. The last one sends no picture, so that the sound gets through. */
export const LEVELS = [
  { maxBitrate: 2_500_000, scaleResolutionDownBy: 1, maxFramerate: 30, active: true },
  { maxBitrate: 1_200_000, scaleResolutionDownBy: 1.5, maxFramerate: 30, active: true },
  { maxBitrate: 600_000, scaleResolutionDownBy: 2, maxFramerate: 24, active: true },
  { maxBitrate: 250_000, scaleResolutionDownBy: 3, maxFramerate: 15, active: true },
  { maxBitrate: 120_000, scaleResolutionDownBy: 4, maxFramerate: 10, active: true },
  { maxBitrate: 120_000, scaleResolutionDownBy: 4, maxFramerate: 10, active: false },
];
export const SOUND_ONLY = LEVELS.length - 1;

// ITU-T G.114: above 400 ms one way a conversation breaks down; video codecs recover from about 2 % of loss unseen.
const GOOD = { loss: 0.02, rtt: 0.3 };
const BAD = { loss: 0.05, rtt: 0.5 };
const AWFUL = { loss: 0.15, rtt: 1 };
const BAD_SAMPLES = 2; // so many in a row before less is sent
const GOOD_SAMPLES = 4; // and before more is tried
const MOST_PATIENCE = 32;

/** Where a call starts. */
export const START = Object.freeze({ level: 0, good: 0, bad: 0, patience: GOOD_SAMPLES, raised: false, isPoor: false });

const isAbove = (sample, limit) => sample.loss > limit.loss || sample.rtt > limit.rtt;

/**
 * The state after one more sample. Less is sent at once when it is awful and after two bad samples; more is tried after
 * four good ones, and after twice as many each time that trying proved wrong.
 * @param {typeof START} state
 * @param {{loss: number, rtt: number}} sample share of packets lost (0 to 1), round trip in seconds
 * @returns {typeof START}
 */
export function next(state, sample) {
  if (isAbove(sample, AWFUL)) return lower(state, 2);
  if (isAbove(sample, BAD)) return state.bad + 1 >= BAD_SAMPLES ? lower(state, 1) : { ...state, good: 0, bad: state.bad + 1 };
  if (isAbove(sample, GOOD)) return { ...state, good: 0, bad: 0 };
  return improve({ ...state, good: state.good + 1, bad: 0, isPoor: state.isPoor && state.good + 1 < BAD_SAMPLES });
}

function lower(state, steps) {
  const level = Math.min(state.level + steps, SOUND_ONLY);
  const patience = state.raised ? Math.min(state.patience * 2, MOST_PATIENCE) : state.patience;
  return { level, good: 0, bad: 0, patience, raised: false, isPoor: true };
}

function improve(state) {
  if (state.good < state.patience) return state;
  if (state.level === 0) return { ...state, good: 0, patience: GOOD_SAMPLES, raised: false };
  return { ...state, level: state.level - 1, good: 0, raised: true };
}

/**
 * One sample from two reports of `getStats`, taken one after the other.
 * @param {Iterable<[string, object]>|null} before
 * @param {Iterable<[string, object]>} now
 * @returns {{loss: number, rtt: number, received: number}} `received`: share of packets that did not arrive here
 */
export function sampleOf(before, now) {
  const earlier = new Map(before ?? []);
  const lossOfOurs = [];
  let rtt = 0;
  let lost = 0;
  let arrived = 0;
  for (const [id, report] of now) {
    if (report.type === "remote-inbound-rtp") {
      const fresh = report.timestamp !== earlier.get(id)?.timestamp; // old reports say nothing new
      if (fresh) lossOfOurs.push(report.fractionLost ?? 0);
      rtt = Math.max(rtt, report.roundTripTime ?? 0);
    } else if (report.type === "candidate-pair" && report.nominated) {
      rtt = Math.max(rtt, report.currentRoundTripTime ?? 0);
    } else if (report.type === "inbound-rtp") {
      lost += grown(earlier.get(id), report, "packetsLost");
      arrived += grown(earlier.get(id), report, "packetsReceived");
    }
  }
  return { loss: Math.max(0, ...lossOfOurs), rtt, received: lost + arrived ? lost / (lost + arrived) : 0 };
}

function grown(before, now, name) {
  return Math.max(0, (now[name] ?? 0) - (before?.[name] ?? 0));
}

/** Whether so many lost packets are heard. */
export const isHeard = (received) => received > BAD.loss;
