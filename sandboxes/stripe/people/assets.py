"""Scripts, styles and images of the pages for people, and the script merchants load."""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
BRANDS = ("visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay")

_MERCHANT_SCRIPT = ("base", "frame", "element", "elements", "challenge", "confirm", "stripe")
_ANYONE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@cache
def merchant_script() -> str:
    """The classic script of `/v3/`: the parts in order, inside one function so that only `Stripe` is global."""
    parts = [(HERE / "js/merchant" / f"{name}.js").read_text(encoding="utf-8") for name in _MERCHANT_SCRIPT]
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


async def _serve_merchant_script(_: Request) -> Response:
    headers = _ANYONE | {"Cache-Control": "max-age=60", "X-Content-Type-Options": "nosniff"}
    return Response(merchant_script(), media_type="text/javascript", headers=headers)


def routes() -> list[BaseRoute]:
    """`/v3/` and the files the pages refer to."""
    folders = [
        Mount(f"/v3/assets/{folder}", StaticFiles(directory=HERE / folder))
        for folder in ("js", "css", "brands")
    ]
    script = [Route(path, _serve_merchant_script) for path in ("/v3/", "/v3")]
    return [*script, *folders]
