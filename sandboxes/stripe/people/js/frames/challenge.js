/** Answers the bank's question without leaving the page, then tells the merchant's page behind. */
const form = document.querySelector("form");
const status = document.querySelector("[role=status]");

function reportAnswer() {
  window.parent.postMessage({ type: "3ds-answered" }, "*");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  status.textContent = status.dataset.waiting;
  try {
    const body = new URLSearchParams({ outcome: event.submitter.value });
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(String(answer.status));
    reportAnswer();
  } catch {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    status.textContent = status.dataset.failed;
  }
});

if (document.body.dataset.answered) reportAnswer();
document.querySelector("button")?.focus();
