"""What people do at Stripe's sandbox: a creator finishes their onboarding, a fan confirms a card.

Nothing here is done at the real Stripe: without an address of a sandbox there is none to do it at.
"""

import httpx
from django.conf import settings

CARD, EMPTY_CARD = "pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds"
PATIENCE_SECONDS = 10


class SandboxError(Exception):
    """The address did not do what the sandbox does."""


def is_there() -> bool:
    """Whether the product speaks to a sandbox of Stripe."""
    try:
        return bool(settings.STRIPE_API_BASE) and _ask("GET", "/_control/").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def finish_onboarding(account_id: str) -> None:
    """Answer all that Stripe asks of an account. Raises `SandboxError`."""
    _demand(f"/_control/accounts/{account_id}/onboard")


def pay(intent_id: str, card: str = CARD) -> None:
    """Confirm an intent as the fan's browser would; a declined card is a normal answer. Raises `SandboxError`."""
    form = {"payment_method": card, "return_url": f"{settings.SITE_URL}/"}
    _demand(f"/v1/payment_intents/{intent_id}/confirm", form, also=httpx.codes.PAYMENT_REQUIRED)


def _demand(path: str, form: dict[str, str] | None = None, *, also: int = httpx.codes.OK) -> None:
    try:
        status = _ask("POST", path, form).status_code
    except httpx.HTTPError as error:
        raise SandboxError(f"{path}: {error}") from error
    if status not in {httpx.codes.OK, also}:
        raise SandboxError(f"{path} answered {status}")


def _ask(method: str, path: str, form: dict[str, str] | None = None) -> httpx.Response:
    return httpx.request(
        method,
        f"{settings.STRIPE_API_BASE}{path}",
        data=form,
        auth=(settings.STRIPE_SECRET_KEY, ""),
        timeout=PATIENCE_SECONDS,
        trust_env=False,
        verify=str(settings.STRIPE_API_BASE).startswith(
            "https:"
        ),  # no time for certificates that are not used
    )
