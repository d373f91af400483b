"""The Express dashboard: what an account's owner sees of balance and payouts, and where the bank account is changed."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandboxes.kit.pages import Pages
from sandboxes.stripe import accounts, banks, external_accounts, ledger, login_links, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.people.texts import language_of, texts_of
from sandboxes.stripe.wire.errors import ApiError

_MOST_PAYOUTS = 20
_HOME = "/express/home/{session}"


def routes(ctx: Context, pages: Pages) -> list[BaseRoute]:
    """`/express/<token>` is what a login link names; it leads to the pages of a session."""
    express = Express(ctx, pages)
    return [
        Route("/express/{token}", express.log_in),
        Route(_HOME, express.home),
        Route(_HOME, express.change_bank, methods=["POST"]),
    ]


class Express:
    """The owner's pages of one account."""

    def __init__(self, ctx: Context, pages: Pages) -> None:
        self._ctx = ctx
        self._pages = pages

    async def log_in(self, request: Request) -> Response:
        """Use a login link up."""
        try:
            session = login_links.log_in(self._ctx, request.path_params["token"])
        except LookupError:
            return self._unknown(request)
        return RedirectResponse(_HOME.format(session=session), 303)

    async def home(self, request: Request) -> Response:
        """Balance, payouts and bank account."""
        try:
            return self._home(request, self._account(request))
        except (LookupError, ApiError):
            return self._unknown(request)

    async def change_bank(self, request: Request) -> Response:
        """Take another bank account for payouts."""
        try:
            account = self._account(request)
        except (LookupError, ApiError):
            return self._unknown(request)
        number = str((await request.form()).get("iban", "")).strip()
        if not banks.is_iban(banks.normalised(number)):
            return self._home(request, account, refused=number)
        with self._ctx.store.transaction():
            accounts.replace_bank(self._ctx, account["id"], number)
        return RedirectResponse(f"{request.url.path}?done=bank", 303)

    def _account(self, request: Request) -> Json:
        return login_links.account_of(self._ctx, request.path_params["session"])

    def _home(self, request: Request, account: Json, refused: str | None = None) -> Response:
        amounts = ledger.amounts(self._ctx, account["id"]) or {account["default_currency"]: (0, 0)}
        payouts = repo.every(self._ctx, account["id"], "payout")[::-1]
        return self._render(
            request,
            "home",
            account=account,
            balances=[
                ((available, currency), (pending, currency))
                for currency, (available, pending) in amounts.items()
            ],
            payouts=payouts[:_MOST_PAYOUTS],
            banks=external_accounts.owned(self._ctx, account["id"]),
            samples=_samples(account["country"]),
            refused=refused,
            done=request.query_params.get("done") == "bank",
            status_code=400 if refused is not None else 200,
        )

    def _unknown(self, request: Request) -> Response:
        return self._render(request, "unknown", status_code=404)

    def _render(self, request: Request, template: str, **context: Any) -> Response:
        language = language_of(request)
        texts = texts_of("express", language)
        title = texts["unknown" if template == "unknown" else "title"]
        return self._pages.render(
            f"express/{template}.html",
            title=title,
            t=texts,
            statuses=texts_of("dashboard", language)["statuses"],
            language=language,
            **context,
        )


def _samples(country: str) -> Mapping[str, str]:
    """Stripe's test numbers and what becomes of a payout to each: ``pays`` or a failure code."""
    return {banks.TEST_IBANS.get(country, banks.TEST_IBANS["DE"]): "pays", **banks.FAILING_PAYOUTS}
