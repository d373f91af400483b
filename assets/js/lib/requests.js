// htmx: its token against forged requests, its failures as toasts, its toasts from the server.
import "htmx.org";

import { toast } from "./toast.js";

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value;

function addToken(event) {
  if (event.detail.verb !== "get" && token()) event.detail.headers["X-CSRFToken"] = token();
}

/** Connect htmx to the page. */
export function connectHtmx() {
  const { errorText, offlineText } = document.body.dataset;
  document.addEventListener("htmx:configRequest", addToken);
  document.addEventListener("htmx:responseError", () => toast(errorText, "error"));
  document.addEventListener("htmx:sendError", () => toast(offlineText, "error"));
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));
}
