"""Creators' connected accounts at Stripe. Answers are plain values; errors are `ProviderError`.

Accounts are of the Express kind: Stripe asks for identity and bank and shows a small dashboard, the platform pays
Stripe's fees and bears losses (https://docs.stripe.com/connect/express-accounts).
"""

from datetime import datetime
from typing import Any

from callastar.providers.stripe.client import call, every, options
from callastar.providers.stripe.parsing import metadata_of
from callastar.providers.stripe.types import AccountRequest, AccountSnapshot

CREATOR_KEY = "creator"  # in the metadata: our creator's id
PRODUCT = "One-to-one video calls with fans"


def create_account(*, request: AccountRequest, idempotency_key: str) -> AccountSnapshot:
    """Open an account that pays out only when this platform says so."""
    params: Any = {
        "type": "express",
        "country": request.country,
        "email": request.email,
        "default_currency": request.currency.lower(),
        "business_type": "individual",
        "business_profile": {"product_description": PRODUCT},
        "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        "metadata": {CREATOR_KEY: str(request.creator_id)},
    }
    return _account(call(lambda c: c.v1.accounts.create(params, options(idempotency_key=idempotency_key))))


def create_account_link(*, account_id: str, return_url: str, refresh_url: str) -> str:
    """The address of Stripe's onboarding pages; it works once and for some minutes."""
    link = call(
        lambda c: c.v1.account_links.create(
            {
                "account": account_id,
                "type": "account_onboarding",
                "return_url": return_url,
                "refresh_url": refresh_url,
            }
        )
    )
    return link.url


def create_login_link(*, account_id: str) -> str:
    """The address of the account's dashboard at Stripe; it works once and for a short time.

    Raises `ProviderError` for an account whose owner has not finished Stripe's onboarding.
    """
    return call(lambda c: c.v1.accounts.login_links.create(account_id)).url


def get_account(*, account_id: str) -> AccountSnapshot:
    """The account as it is now."""
    return _account(call(lambda c: c.v1.accounts.retrieve(account_id)))


def find_account(*, creator_id: int, since: datetime) -> AccountSnapshot | None:
    """The account that was opened for a creator since a moment, if the request came through at all."""
    for account in every(lambda c: c.v1.accounts.list, {"created": {"gte": int(since.timestamp())}}):
        if metadata_of(account).get(CREATOR_KEY) == str(creator_id):
            return _account(account)
    return None


def _account(account: Any) -> AccountSnapshot:
    needs = getattr(account, "requirements", None)
    due = [*(needs.past_due or []), *(needs.currently_due or [])] if needs else []
    return AccountSnapshot(
        id=account.id,
        country=account.country or "",
        default_currency=(account.default_currency or "").upper(),
        charges_enabled=account.charges_enabled,
        payouts_enabled=account.payouts_enabled,
        details_submitted=account.details_submitted,
        requirements=tuple(dict.fromkeys(due)),
        disabled_reason=(needs.disabled_reason or "") if needs else "",
    )
