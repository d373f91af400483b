// Follows a call while its page is open: every piece of news is a reason to ask who is here and which room it is.
import { get } from "../lib/api.js";
import { watch } from "../lib/stream.js";

// The address of the stream is good for four hours, when it is opened; a call's page may be open for longer.
const RENEW_MS = 3 * 3600 * 1000;

/**
 * Tell `told` of every state of the booking's call, `refused` of a problem that is here to stay.
 * Answers `{ ask, stop }`: `ask()` looks now and resolves with the state, or null when nobody answered.
 */
export function follow({ booking, eventsUrl, told, refused }) {
  let address = eventsUrl;
  let asking = null;
  let isOld = false;
  let stream = null;

  async function look() {
    try {
      const state = await get(`/api/daily/presence?booking_id=${booking}`);
      address = state.events_url;
      if (stream) told(state);
      return state;
    } catch (problem) {
      if (stream && !problem.isTemporary) refused(problem);
      return null;
    }
  }

  /** News that come while the answer is on its way need another one. */
  async function ask() {
    isOld = true;
    asking ??= (async () => {
      let state = null;
      while (isOld) {
        isOld = false;
        state = await look();
      }
      asking = null;
      return state;
    })();
    return asking;
  }

  function open() {
    stream?.close();
    stream = watch(address, { events: { call: ({ what }) => what !== "signal" && ask() }, poll: ask });
  }

  const renewing = setInterval(open, RENEW_MS);
  function stop() {
    clearInterval(renewing);
    stream?.close();
    stream = null;
  }

  open();
  ask();
  document.addEventListener("visibilitychange", () => stream && !document.hidden && ask());
  return { ask, stop };
}
