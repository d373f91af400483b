// Passkeys: allauth's scripts do the work; a refusal by the device is told in words.
import { toast } from "./toast.js";

/** Say so when the device did not confirm. */
export function explainPasskeyFailures() {
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const text = document.querySelector("[data-passkey-error]")?.dataset.passkeyError;
    if (text) toast(text, "error");
  });
}
