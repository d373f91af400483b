// The buttons of the overview: controls want JSON, then the page is read again.
for (const form of document.querySelectorAll("form[data-session]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ session_id: form.dataset.session }),
    });
    location.reload();
  });
}
