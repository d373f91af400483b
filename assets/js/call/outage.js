// A lost network: said at once; when it is back, we look whether the room still holds us.
import { notice, unnotice } from "./notices.js";

const LOOK_MS = 4000;
// A host needs some seconds to notice that somebody is gone, and to take them back.
const LOOKS = 6;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Watch the browser's connection. `isOpen()`: a room is open. `wasInside()`: its host told that we are in it.
 * `isInside()` asks whether we still are; null when nobody answered.
 */
export function watchOutages({ isOpen, wasInside, isInside }) {
  let outage = 0;

  async function lookAgain(number) {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const inside = await isInside();
      if (number !== outage || !isOpen()) return;
      if (inside) return notice("back", { passing: true });
      await pause(LOOK_MS);
    }
    if (number === outage && isOpen()) notice("lost");
  }

  addEventListener("offline", () => {
    outage += 1;
    if (isOpen()) notice("offline");
  });
  addEventListener("online", () => {
    outage += 1;
    if (!isOpen()) return;
    if (wasInside()) lookAgain(outage);
    else unnotice();
  });
}
