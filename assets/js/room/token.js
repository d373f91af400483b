// The token comes in the fragment, which no server and no referrer sees, and does not stay in the address.

/** The token of the address; afterwards the address holds none. Empty if there was none. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("t") ?? "";
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

/** Hear of newer tokens: from the page around the frame, or in the fragment. */
export function onNewToken(handle) {
  addEventListener("hashchange", () => {
    const token = takeToken();
    if (token) handle(token);
  });
  addEventListener("message", ({ source, origin, data }) => {
    const isOurs = source === window.parent && origin === location.origin;
    if (isOurs && data?.callastar === "token") handle(String(data.token));
  });
}
