/**
 * Shows the bank's page over the merchant's and resolves when the person has answered.
 * A modal dialog makes the page behind it inert and keeps the keyboard inside.
 */
function showChallenge(url, { title, scheme }) {
  const dialog = document.createElement("dialog");
  applyStyles(dialog, {
    position: "fixed", inset: "0", width: "100vw", height: "100dvh", "max-width": "none", "max-height": "none",
    margin: "0", padding: "0", border: "0", background: "transparent", overflow: "hidden",
  });
  const frame = challengeFrame(url, title, scheme);
  dialog.setAttribute("aria-label", title);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.append(frame);
  const unlock = lockScrolling();
  document.body.append(dialog);
  dialog.showModal();
  return answerFrom(frame).finally(() => {
    unlock();
    dialog.close();
    dialog.remove();
  });
}

function challengeFrame(url, title, scheme) {
  const frame = document.createElement("iframe");
  frame.src = url;
  frame.title = title;
  applyStyles(frame, {
    display: "block", width: "100%", height: "100%", border: "0", background: "transparent", "color-scheme": scheme,
  });
  return frame;
}

function answerFrom(frame) {
  return new Promise((resolve) => {
    const listen = ({ origin, source, data }) => {
      if (origin !== SANDBOX_ORIGIN || source !== frame.contentWindow || data?.type !== "3ds-answered") return;
      window.removeEventListener("message", listen);
      resolve();
    };
    window.addEventListener("message", listen);
  });
}

function lockScrolling() {
  const before = document.documentElement.style.overflow;
  document.documentElement.style.overflow = "hidden";
  return () => {
    document.documentElement.style.overflow = before;
  };
}
