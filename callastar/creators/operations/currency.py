"""The currency that a creator charges in."""

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.core.money import Currency
from callastar.creators.models import Creator
from callastar.providers.stripe import accounts
from callastar.providers.stripe.types import AccountSnapshot

FALLBACK = Currency.EUR


class UnknownCurrencyError(ValueError):
    """An account's currency is none that offers may have."""


def creator_currency(creator: Creator) -> Currency:
    """The stored currency; else that of the account at Stripe, which is then stored; else EUR, with a warning.

    Ask outside a transaction: it may have to call Stripe.
    """
    if creator.currency:
        return Currency(creator.currency)
    if creator.stripe_account_id:
        try:
            return creator_currency_by_account(creator.stripe_account_id)
        except (ProviderError, UnknownCurrencyError) as error:
            _warn(creator, reason=str(error))
            return FALLBACK
    _warn(creator, reason="no account at Stripe")
    return FALLBACK


def creator_currency_by_account(account_id: str) -> Currency:
    """The currency that Stripe names for an account, asked now; a divergence from the stored one is stored and logged.

    Raises `ProviderError` when Stripe cannot answer and `UnknownCurrencyError` for a currency that is not ours. Never
    falls back.
    """
    return store_currency(accounts.get_account(account_id=account_id))


def store_currency(account: AccountSnapshot) -> Currency:
    """Take over the currency of an account that Stripe just showed."""
    if account.default_currency not in Currency.__members__:
        raise UnknownCurrencyError(f"{account.id} has the currency {account.default_currency!r}")
    currency = Currency(account.default_currency)
    stored = Creator.objects.filter(stripe_account_id=account.id).values_list("pk", "currency").first()
    if stored and stored[1] != currency:
        _store(stored[0], stored[1], currency)
    return currency


def _store(creator_id: int, before: str, currency: Currency) -> None:
    changed = Creator.objects.filter(pk=creator_id, currency=before).update(currency=currency)
    if changed and before:
        record(
            type="CREATOR_CURRENCY_DIVERGED",
            message="Stripe names another currency than the stored one; Stripe's is stored",
            level=Level.WARNING,
            creator=creator_id,
            stored=before,
            stripe=currency.value,
        )


def _warn(creator: Creator, *, reason: str) -> None:
    record(
        type="CREATOR_CURRENCY_UNKNOWN",
        message="A creator's currency is unknown, EUR is used",
        level=Level.WARNING,
        creator=creator.pk,
        reason=reason,
    )
