// Speaks to screen readers through the two live regions of the page.
const CLEAR_MS = 8000;
const timers = {};

/** Have `text` read out: `polite` waits its turn, `assertive` interrupts. */
export function announce(text, urgency = "polite") {
  const region = document.getElementById(`live-${urgency}`);
  if (!region) return;
  clearTimeout(timers[urgency]);
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
  timers[urgency] = setTimeout(() => {
    region.textContent = "";
  }, CLEAR_MS);
}
