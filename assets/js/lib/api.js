// Calls of our own JSON API: with the session's cookie, in the page's language, failures as problems.
const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

/** Why a call failed: `code` is the API's, `message` is for the visitor, `isTemporary` says that it may work later. */
export class Problem extends Error {
  constructor({ status = 0, code = "", detail = "" }) {
    super(detail || document.body.dataset.errorText);
    this.code = code;
    this.isTemporary = status === 0 || status >= 500 || status === 429;
  }
}

async function send(method, path, body) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang, "X-CSRFToken": token() };
  if (body) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
  } catch {
    throw new Problem({ code: "offline", detail: document.body.dataset.offlineText });
  }
}

async function answerOf(method, path, body) {
  const response = await send(method, path, body);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem({ status: response.status, ...answer });
  return answer;
}

/** GET from the API; resolves with its JSON, rejects with a `Problem`. */
export const get = (path) => answerOf("GET", path);

/** POST to the API; resolves with its JSON, rejects with a `Problem`. */
export const post = (path, body) => answerOf("POST", path, body);

/** DELETE in the API; resolves with its JSON, rejects with a `Problem`. */
export const remove = (path) => answerOf("DELETE", path);
