"""A creator's account at Stripe: opened once, then kept in step with what Stripe says.

Opening is claimed on our row and committed first; the call carries an idempotency key from that claim and the frozen
parameters, so that a crash anywhere leaves one account.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Q

from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.creators.operations.currency import UnknownCurrencyError, creator_currency, store_currency
from callastar.creators.refusals import AccountRefusedError, StripeUnavailableError
from callastar.providers.stripe import accounts
from callastar.providers.stripe.types import AccountRequest, AccountSnapshot

KEYS_LAST = timedelta(hours=20)  # Stripe may forget idempotency keys after 24 hours
GONE = {"account_invalid", "resource_missing"}
_FLAGS = ("charges_enabled", "payouts_enabled", "details_submitted")


def start_onboarding(*, creator: Creator, return_url: str, refresh_url: str) -> str:
    """The address of Stripe's onboarding pages for a creator; opens their account the first time.

    Raises `StripeUnavailableError` (nothing is lost) and `AccountRefusedError` (country or currency must change).
    """
    try:
        if not creator.stripe_account_id:
            _open_account(creator)
        return accounts.create_account_link(
            account_id=creator.stripe_account_id, return_url=return_url, refresh_url=refresh_url
        )
    except ProviderError as error:
        raise _refusal(creator, error) from error


def refresh_account(*, creator: Creator) -> None:
    """Store what Stripe says now about a creator's account. Raises `ProviderError`."""
    if not creator.stripe_account_id:
        return
    asked_at = clock.now()
    _store(creator, accounts.get_account(account_id=creator.stripe_account_id), asked_at)


def apply_account_update(*, account_id: str, now: datetime) -> None:
    """Stripe said that an account changed: ask again and store. An account that is gone can take no money."""
    creator = Creator.objects.filter(stripe_account_id=account_id).first()
    if creator is None:
        return
    try:
        _store(creator, accounts.get_account(account_id=account_id), now)
    except ProviderError as error:
        if error.code not in GONE:
            raise
        _store(creator, _gone(creator), now)


def _open_account(creator: Creator) -> None:
    claim = _claim(creator)
    account = _ask_for_account(claim)
    opened = Creator.objects.filter(pk=creator.pk, stripe_account_id="").update(
        stripe_account_id=account.id, stripe_country=account.country
    )
    creator.refresh_from_db()
    if not opened:
        return
    record(
        type="CREATOR_ACCOUNT_OPENED",
        message="A creator's account was opened at Stripe",
        actor=Actor.of(creator.user),
        account=account.id,
    )


def _claim(creator: Creator) -> dict[str, str]:
    """Freeze what the account is opened with; of two at once the second uses the first one's claim."""
    claim = {
        "key": f"creator-account-{uuid4()}",
        "at": clock.now().isoformat(),
        "email": creator.user.email,
        "country": creator.stripe_country,
        "currency": creator_currency(creator).value,
    }
    Creator.objects.filter(pk=creator.pk, account_claim={}).update(account_claim=claim)
    creator.refresh_from_db(fields=["account_claim"])
    return {**creator.account_claim, "creator": str(creator.pk)}


def _ask_for_account(claim: dict[str, str]) -> AccountSnapshot:
    claimed_at, creator_id = datetime.fromisoformat(claim["at"]), int(claim["creator"])
    if clock.now() - claimed_at > KEYS_LAST:
        found = accounts.find_account(creator_id=creator_id, since=claimed_at - timedelta(minutes=10))
        if found:
            return found
    request = AccountRequest(
        creator_id=creator_id, email=claim["email"], country=claim["country"], currency=claim["currency"]
    )
    return accounts.create_account(request=request, idempotency_key=claim["key"])


def _refusal(creator: Creator, error: ProviderError) -> Exception:
    if error.is_temporary:
        return StripeUnavailableError()
    record(
        type="CREATOR_ONBOARDING_FAILED",
        message="Stripe refused a creator's onboarding",
        actor=Actor.of(creator.user),
        level=Level.ERROR,
        code=error.code,
        reason=error.message,
    )
    Creator.objects.filter(pk=creator.pk, stripe_account_id="").update(account_claim={})
    return AccountRefusedError()


def _store(creator: Creator, account: AccountSnapshot, asked_at: datetime) -> None:
    """Keep an answer unless a later question was answered already."""
    before = {flag: getattr(creator, flag) for flag in _FLAGS}
    values = {flag: getattr(account, flag) for flag in _FLAGS}
    newest = Q(account_seen_at__isnull=True) | Q(account_seen_at__lte=asked_at)
    stored = Creator.objects.filter(newest, pk=creator.pk).update(
        **values,
        is_stripe_onboarded=account.is_onboarded,
        stripe_country=account.country or creator.stripe_country,
        stripe_requirements=list(account.requirements),
        account_seen_at=asked_at,
    )
    if stored and values != before:
        _note_change(creator, account)
    _follow_currency(account)
    creator.refresh_from_db()


def _note_change(creator: Creator, account: AccountSnapshot) -> None:
    record(
        type="CREATOR_ACCOUNT_CHANGED",
        message="Stripe changed what a creator's account may do",
        level=Level.INFO if account.charges_enabled else Level.WARNING,
        creator=creator.pk,
        charges=account.charges_enabled,
        payouts=account.payouts_enabled,
        submitted=account.details_submitted,
        disabled_reason=account.disabled_reason,
    )


def _follow_currency(account: AccountSnapshot) -> None:
    try:
        store_currency(account)
    except UnknownCurrencyError as error:
        record(type="CREATOR_CURRENCY_UNKNOWN", message=str(error), level=Level.ERROR, account=account.id)


def _gone(creator: Creator) -> AccountSnapshot:
    return AccountSnapshot(
        id=creator.stripe_account_id,
        country=creator.stripe_country,
        default_currency=creator.currency,
        charges_enabled=False,
        payouts_enabled=False,
        details_submitted=creator.details_submitted,
        requirements=(),
        disabled_reason="account_gone",
    )
