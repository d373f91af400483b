// One shared <dialog class="dialog"> asks before what cannot be undone.
const confirmDialog = () => document.getElementById("confirm-dialog");

/** Ask `question`; resolves to true when the visitor says yes. */
export function confirmed(question) {
  const dialog = confirmDialog();
  if (!dialog) return Promise.resolve(window.confirm(question));
  dialog.querySelector("#confirm-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function closeDialog(event) {
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) closer.closest("dialog").close(closer.dataset.dialogClose);
  if (event.target.matches("dialog.dialog")) event.target.close("no");
}

async function askBeforeSubmit(event) {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (!question || event.target.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await confirmed(question))) return;
  event.target.dataset.confirmed = "yes";
  event.target.requestSubmit(event.submitter);
  delete event.target.dataset.confirmed;
}

function askBeforeRequest(event) {
  if (!event.detail.question) return;
  event.preventDefault();
  confirmed(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
}

/** Close, confirm. Must be watched before forms are, so that a question comes before the button locks. */
export function watchDialogs() {
  document.addEventListener("click", closeDialog);
  document.addEventListener("submit", askBeforeSubmit, { capture: true });
  document.addEventListener("htmx:confirm", askBeforeRequest);
}
