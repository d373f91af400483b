"""The bank's page of a 3-D Secure payment: over the merchant's page, or a page of its own."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandboxes.kit.pages import Pages
from sandboxes.stripe import payment_intents, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.people.formats import money
from sandboxes.stripe.people.texts import language_of, texts_of

_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"


def routes(ctx: Context, pages: Pages) -> list[BaseRoute]:
    """`/3ds/<intent>`: two buttons, as on Stripe's own test page."""

    async def show(request: Request) -> Response:
        intent = _intent(ctx, request)
        return Response(status_code=404) if intent is None else _page(pages, request, intent)

    async def answer(request: Request) -> Response:
        if _intent(ctx, request) is None:
            return Response(status_code=404)
        form = await request.form()
        address = payment_intents.authenticate(
            ctx, request.path_params["id"], ok=form.get("outcome") == "complete"
        )
        if _is_framed(request) or address is None:
            return Response(status_code=204)
        return RedirectResponse(address, 303)

    return [Route("/3ds/{id}", show), Route("/3ds/{id}", answer, methods=["POST"])]


def _intent(ctx: Context, request: Request) -> Json | None:
    return repo.find(ctx, ctx.platform, "payment_intent", request.path_params["id"])


def _page(pages: Pages, request: Request, intent: Json) -> Response:
    language = language_of(request)
    framed = _is_framed(request)
    response = pages.render(
        "challenge.html",
        t=texts_of("elements", language)["challenge"],
        language=language,
        framed=framed,
        scheme="dark" if request.query_params.get("scheme") == "dark" else "light",
        open=intent["status"] == "requires_action",
        description=intent["description"] or intent["id"],
        amount=money((intent["amount"], intent["currency"]), language),
        action=f"/3ds/{intent['id']}" + ("?frame=1" if framed else ""),
    )
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def _is_framed(request: Request) -> bool:
    """Whether the merchant's page shows this over itself and waits for the answer."""
    return request.query_params.get("frame") == "1"
