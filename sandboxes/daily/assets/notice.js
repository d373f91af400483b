// Shows when a room opens, in the reader's own time zone, and looks again at that moment.
const LONGEST_TIMER = 2 ** 31 - 1;
const opens = document.querySelector("[data-opens]");

if (opens) {
  const moment = new Date(Number(opens.dataset.opens) * 1000);
  const sameDay = moment.toDateString() === new Date().toDateString();
  const style = sameDay ? { timeStyle: "short" } : { dateStyle: "long", timeStyle: "short" };
  const time = new Intl.DateTimeFormat(document.documentElement.lang, style).format(moment);
  opens.textContent = opens.dataset.text.replace("{time}", time);
  setTimeout(() => location.reload(), Math.min(Number(opens.dataset.wait) * 1000 + 500, LONGEST_TIMER));
}
