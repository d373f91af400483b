"""What people and banks do at Stripe's sandbox: a creator finishes their onboarding, a fan confirms a card or disputes
a charge, a bank takes a payout or sends it back.

Nothing here is done at the real Stripe: without an address of a sandbox there is none to do it at.
"""

from collections.abc import Mapping
from typing import Any

import httpx
from django.conf import settings

CARD, EMPTY_CARD = "pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds"
AVAILABLE_AT_ONCE = "pm_card_bypassPending"  # what it pays can be paid out without waiting for days
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
    _demand(f"/v1/payment_intents/{intent_id}/confirm", data=form, also=httpx.codes.PAYMENT_REQUIRED)


def end_payout(payout_id: str, *, paid: bool) -> None:
    """Let the bank take a payout, or send it back; one that has ended is left alone. Raises `SandboxError`."""
    path = f"/_control/payouts/{payout_id}/{'pay' if paid else 'fail'}"
    _demand(path, json={} if paid else {"failure_code": "could_not_process"}, also=httpx.codes.BAD_REQUEST)


def dispute(charge_id: str, *, reason: str) -> None:
    """Let the fan's bank take a charge back, for one of Stripe's reasons. Raises `SandboxError`."""
    _demand("/_control/disputes", json={"charge": charge_id, "reason": reason})


def win_dispute(dispute_id: str) -> None:
    """Let the bank decide for the creator. Raises `SandboxError`."""
    _demand(f"/_control/disputes/{dispute_id}/close", json={"status": "won"})


def _demand(
    path: str,
    *,
    data: Mapping[str, str] | None = None,
    json: Mapping[str, str] | None = None,
    also: int = httpx.codes.OK,
) -> None:
    try:
        status = _ask("POST", path, data=data, json=json).status_code
    except httpx.HTTPError as error:
        raise SandboxError(f"{path}: {error}") from error
    if status not in {httpx.codes.OK, also}:
        raise SandboxError(f"{path} answered {status}")


def _ask(method: str, path: str, **body: Any) -> httpx.Response:
    return httpx.request(
        method,
        f"{settings.STRIPE_API_BASE}{path}",
        **body,
        auth=(settings.STRIPE_SECRET_KEY, ""),
        timeout=PATIENCE_SECONDS,
        trust_env=False,
        verify=str(settings.STRIPE_API_BASE).startswith(
            "https:"
        ),  # no time for certificates that are not used
    )
