// The room's API. Every call carries the token in its header: it is in no address and no cookie.
const PATIENCE_MS = 8000;

/** Why the server did not do what it was asked; `isTemporary` says that it may work later. */
export class Refusal extends Error {
  /** @param {{status?: number, code?: string, detail?: string}} problem an RFC 9457 problem; none: no answer came */
  constructor({ status = 0, code = "", detail = "" } = {}) {
    super(detail);
    this.code = code;
    this.status = status;
    this.isTemporary = status === 0 || status >= 500 || status === 429;
  }
}

/** One room, as the holder of one token may use it. All methods reject with a `Refusal`. */
export class Server {
  #base;
  token;

  constructor(room, token) {
    this.#base = `/api/calls/rooms/${encodeURIComponent(room)}`;
    this.token = token;
  }

  /** Enter; an earlier session of the same person ends. */
  join() {
    return this.#ask("POST", "join", {});
  }

  /** A sign of life, with what went wrong since the last one. */
  beat(session, problems) {
    return this.#ask("POST", "beat", { session, problems });
  }

  /** Hand something to the other's session. */
  send(session, to, payload) {
    return this.#ask("POST", "signals", { session, to, payload });
  }

  /** What the other has handed to us since `after`. */
  signals(session, after) {
    return this.#ask("GET", `signals?${new URLSearchParams({ session, after })}`);
  }

  /** Say goodbye, also while the page is being closed: a beacon has no headers, so the token is in its body. */
  leave(session) {
    const body = JSON.stringify({ session, token: this.token });
    navigator.sendBeacon(`${this.#base}/leave`, new Blob([body], { type: "application/json" }));
  }

  async #ask(method, path, body) {
    let response;
    try {
      response = await fetch(`${this.#base}/${path}`, this.#request(method, body));
    } catch {
      throw new Refusal();
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refusal({ ...answer, status: response.status });
    return answer;
  }

  #request(method, body) {
    const headers = {
      Accept: "application/json",
      "Accept-Language": document.documentElement.lang,
      Authorization: `Bearer ${this.token}`,
    };
    if (body) headers["Content-Type"] = "application/json";
    return {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    };
  }
}
