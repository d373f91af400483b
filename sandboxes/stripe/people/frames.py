"""The pages inside the Payment Element's iframes: the fields, and the controller that speaks to the API."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandboxes.kit.pages import Pages
from sandboxes.stripe.people.assets import BRANDS
from sandboxes.stripe.people.texts import all_texts

# Everything from here, nothing inline; only fonts may come from the merchant (Appearance API).
FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src * data:; base-uri 'none'; form-action 'none'"
)


def routes(pages: Pages) -> list[BaseRoute]:
    """`/v3/frames/payment` and `/v3/frames/controller`; both wait for a merchant's page to connect."""

    async def payment(_: Request) -> Response:
        return _guarded(pages.render("payment_frame.html", texts=all_texts("elements"), brands=BRANDS))

    async def controller(_: Request) -> Response:
        return _guarded(pages.render("controller_frame.html", texts=all_texts("elements")))

    return [Route("/v3/frames/payment", payment), Route("/v3/frames/controller", controller)]


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
