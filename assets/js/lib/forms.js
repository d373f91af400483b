// Forms: sent once, the first error in focus, passwords that can be shown.
const isPost = (form) => form.method === "post";

function lock(event) {
  const form = event.target;
  if (event.defaultPrevented || !isPost(form) || "twice" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

/** The browser may show the page again from its cache: the forms must work again. */
function unlockAll() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
}

function focusFirstError(root) {
  const wrong = root.querySelector("[data-form-error], [aria-invalid='true']");
  wrong?.focus({ preventScroll: false });
}

function reveal(event) {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
}

/** Lock what was sent, show where the errors are, let passwords be seen. */
export function watchForms() {
  document.addEventListener("submit", lock);
  document.addEventListener("click", reveal);
  document.addEventListener("input", (event) => {
    event.target.dataset.touched = "yes";
  });
  addEventListener("pageshow", (event) => event.persisted && unlockAll());
  document.addEventListener("htmx:afterRequest", unlockAll);
  document.addEventListener("htmx:afterSwap", (event) => focusFirstError(event.detail.target));
  focusFirstError(document);
}
