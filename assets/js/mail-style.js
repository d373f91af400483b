// The mail beside the form follows what is being written: the server renders it, the frame shows it.
const PAUSE = 600; // milliseconds without typing
const form = document.querySelector("[data-previewed]");
const show = document.querySelector("[data-show-preview]");
let waiting = 0;

const preview = () => form.requestSubmit(show);

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(preview, PAUSE);
}

// A preview is not the one time that a form is sent.
document.addEventListener("submit", (event) => {
  form.toggleAttribute("data-twice", event.submitter === show);
  clearTimeout(waiting);
}, { capture: true });
for (const control of form.elements) control.addEventListener("input", control.tagName === "SELECT" ? preview : later);
// What was refused was not saved, and is what one goes on writing.
if (form.querySelector("[aria-invalid='true']")) preview();
