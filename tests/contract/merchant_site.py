"""A shop on an origin of its own that takes payments with the Payment Element, under a strict content policy."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Shop</title>
  <link rel="stylesheet" href="/shop.css">
  <script src="{sandbox}/v3/"></script>
  <script type="module" src="/shop.js"></script>
</head>
<body>
  <main>
    <h1>Pay</h1>
    <form><div id="payment"></div><button>Pay</button></form>
    <pre id="result"></pre>
  </main>
  <script type="application/json" id="order">{order}</script>
</body>
</html>"""

_STYLE = """
body { margin: 0; font: 16px system-ui; }
body[data-theme=night] { background: #1a1b25; color: #fff; }
main { max-width: 420px; margin: 0 auto; padding: 16px; }
button { width: 100%; min-height: 44px; margin-top: 16px; }
#result { white-space: pre-wrap; overflow-wrap: anywhere; }
"""

_SCRIPT = """
const order = JSON.parse(document.getElementById("order").textContent);
const result = document.getElementById("result");
document.body.dataset.theme = order.theme;
window.seen = [];
const stripe = Stripe(order.key, { locale: order.locale });
const elements = stripe.elements({ clientSecret: order.secret, appearance: { theme: order.theme } });
const payment = elements.create("payment");
for (const event of ["ready", "change", "focus", "blur", "escape", "loaderror"]) {
  payment.on(event, (details) => window.seen.push([event, details]));
}
payment.on("ready", () => { document.body.dataset.ready = "yes"; });
payment.on("loaderror", ({ error }) => { result.textContent = JSON.stringify({ error }); });
payment.mount("#payment");
window.shop = { stripe, elements, payment };
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  result.textContent = "";
  const confirmParams = { return_url: order.return_url };
  const answer = await stripe.confirmPayment({ elements, confirmParams, redirect: order.redirect });
  result.textContent = JSON.stringify(answer);
});
"""


class MerchantSite:
    """The shop: `/pay?secret=…` sells, `/thanks` is where it wants its customers back."""

    def __init__(self, *, sandbox: str, key: str) -> None:
        self._sandbox, self._key = sandbox, key
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Another origin than the sandbox's: another name as well as another port."""
        return f"http://localhost:{self._server.server_port}"

    def checkout(self, secret: str, **options: str) -> str:
        """The address of the page that pays an intent: `locale`, `theme`, `redirect`."""
        return f"{self.url}/pay?{urlencode({'secret': secret, **options})}"

    def answer(self, target: str) -> tuple[str, str]:
        """Content type and body for a path."""
        parts = urlsplit(target)
        if parts.path == "/shop.js":
            return "text/javascript", _SCRIPT
        if parts.path == "/shop.css":
            return "text/css", _STYLE
        if parts.path == "/pay":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            return "text/html; charset=utf-8", _PAGE.format(sandbox=self._sandbox, order=self._order(query))
        return "text/html; charset=utf-8", "<!doctype html><html lang=en><title>Shop</title><h1>Thanks</h1>"

    def policy(self) -> str:
        """Only its own files and the sandbox's; nothing inline."""
        own = f"'self' {self._sandbox}"
        return (
            f"default-src 'none'; script-src {own}; frame-src {self._sandbox}; connect-src {own}; style-src 'self'; "
            "img-src 'self'; base-uri 'none'"
        )

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _order(self, query: dict[str, str]) -> str:
        order: dict[str, Any] = {"locale": "en", "theme": "stripe", "redirect": "if_required", **query}
        return json.dumps({**order, "key": self._key, "return_url": f"{self.url}/thanks?order=7"})


def _handler(site: MerchantSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = site.answer(self.path)
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", site.policy())
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
