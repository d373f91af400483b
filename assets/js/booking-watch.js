// A page about one booking looks again when the booking changes; while Stripe is being asked, it asks again.
import { post } from "./lib/api.js";
import { announce } from "./lib/live.js";
import { watch } from "./lib/stream.js";

const root = document.querySelector("[data-booking-watch]");
const { bookingWatch: id, status, payment, token, asking } = root.dataset;
const FIRST_MS = 2500;
const LONGEST_MS = 20000;

function apply(booking, money = payment) {
  if (booking === status && money === payment) return;
  announce(root.dataset.changed ?? "");
  location.reload();
}

async function refresh() {
  const answer = await post(`/api/bookings/${id}/refresh`);
  apply(answer.status, answer.payment.status);
}

/** Ask less and less often: the stream tells in any case. */
function askAgain(after) {
  setTimeout(async () => {
    await refresh().catch(() => {});
    askAgain(Math.min(after * 1.5, LONGEST_MS));
  }, after);
}

watch(`/api/bookings/${id}/events?token=${encodeURIComponent(token)}`, {
  events: { booking: (event) => apply(event.status) },
  poll: refresh,
});
if (asking) askAgain(FIRST_MS);
