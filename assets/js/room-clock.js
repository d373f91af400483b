// A worker that ticks each second, also where the browser slows down the timers of a page that nobody looks at.
setInterval(() => postMessage(0), 1000);
