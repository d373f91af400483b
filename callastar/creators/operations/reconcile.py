"""Accounts whose news never came: events of connected accounts are not in the platform's list, so Stripe is asked."""

from datetime import datetime, timedelta

from django.db.models import F, Q

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.creators.operations.account import apply_account_update

ASK_AGAIN = timedelta(hours=1)
ASK_AGAIN_WHILE_ONBOARDING = timedelta(minutes=10)
AT_ONCE = 50


def reconcile_accounts(*, now: datetime) -> dict[str, int]:
    """Ask Stripe about accounts not asked about for long, the longest first; answers counts.

    One that fails does not stop the others.
    """
    counts = {"asked": 0, "failed": 0}
    stale = Q(account_seen_at=None) | Q(account_seen_at__lt=now - ASK_AGAIN)
    waiting = Q(charges_enabled=False, account_seen_at__lt=now - ASK_AGAIN_WHILE_ONBOARDING)
    due = Creator.objects.filter(stale | waiting).exclude(stripe_account_id="")
    accounts = due.order_by(F("account_seen_at").asc(nulls_first=True)).values_list(
        "stripe_account_id", flat=True
    )
    for account_id in list(accounts[:AT_ONCE]):
        counts["asked"] += 1
        try:
            apply_account_update(account_id=account_id, now=now)
        except ProviderError as error:
            counts["failed"] += 1
            _note_failure(account_id, error)
    return counts


def _note_failure(account_id: str, error: ProviderError) -> None:
    record(
        type="ACCOUNT_NOT_REFRESHED",
        level=Level.WARNING if error.is_temporary else Level.ERROR,
        message=f"Stripe could not say how an account stands: {error.code or error.kind}",
        account=account_id,
    )
