"""What becomes of a payout at Stripe, written down: on its way, arrived, come back."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.ledger.models import Account, Entry, EntryKind
from callastar.ledger.operations import About, Posting, post, reverse
from callastar.payments.models import Payment
from callastar.payouts.models import BlockReason, Payout, PayoutItem, PayoutPolicy, PayoutStatus
from callastar.payouts.operations import telling
from callastar.payouts.operations.policy import block, failed_currency
from callastar.payouts.operations.transitions import (
    change,
    lock_payments,
    lock_payout,
    try_again_tomorrow,
)
from callastar.payouts.rules import retry
from callastar.payouts.rules.cancellation import Cancellation, note_of
from callastar.payouts.rules.states import may_become, status_of_stripe
from callastar.providers.stripe import errors
from callastar.providers.stripe import payouts as gateway
from callastar.providers.stripe.money_types import PayoutSnapshot

_UNSENT = (PayoutStatus.APPROVED, PayoutStatus.PROCESSING)
_CAME_BACK = (PayoutStatus.FAILED, PayoutStatus.CANCELED)


def sync_stripe_payout(*, account: str, stripe_payout_id: str, now: datetime) -> Payout | None:
    """Ask Stripe for a payout that an event names, and write down how it stands; None if it is not ours.

    `account` is the connected account; empty for the platform's own payouts, which are booked as such.
    """
    snapshot = gateway.get_payout(account=account or None, payout_id=stripe_payout_id)
    if not account:
        _book_platform_payout(snapshot, now)
        return None
    payout_id = _ours(snapshot)
    if payout_id is None:
        _note_stranger(snapshot)
        return None
    return apply_payout(payout_id=payout_id, snapshot=snapshot, now=now)


def sync_payout(*, payout_id: UUID, now: datetime) -> Payout:
    """Ask Stripe how one of our payouts stands. Raises `ProviderError`."""
    payout = Payout.objects.get(pk=payout_id)
    snapshot = gateway.get_payout(account=payout.stripe_account, payout_id=payout.stripe_payout_id)
    return apply_payout(payout_id=payout_id, snapshot=snapshot, now=now)


def _ours(snapshot: PayoutSnapshot) -> UUID | None:
    known = Payout.objects.filter(stripe_payout_id=snapshot.id).values_list("pk", flat=True).first()
    return known or _waits_for(snapshot)


def _waits_for(snapshot: PayoutSnapshot) -> UUID | None:
    """The payout of ours whose answer has not come yet, by the metadata; one that was given up is not revived."""
    with suppress(ValueError):
        key = UUID(snapshot.metadata.get("payout", ""))
        mine = Payout.objects.filter(
            pk=key,
            stripe_account=snapshot.account,
            stripe_payout_id="",
            status=PayoutStatus.PROCESSING,
        )
        return mine.values_list("pk", flat=True).first()
    return None


def apply_payout(*, payout_id: UUID, snapshot: PayoutSnapshot, now: datetime) -> Payout:
    """Write down what Stripe says of a payout. Older news than what is recorded changes nothing."""
    with transaction.atomic():
        policy, payout = lock_payout(payout_id)
        if not payout.stripe_payout_id and payout.status != PayoutStatus.PROCESSING:
            _note_stranger(snapshot)  # made although it was given up: somebody must look
            return payout
        lock_payments(payout)
        payout.stripe_payout_id, payout.asked_at, payout.unanswered_since = snapshot.id, now, None
        payout.arrival_date = snapshot.arrival_date
        payout.bank_account = snapshot.destination or payout.bank_account
        payout.save()
        _book_departure(payout, snapshot, now)
        told = PayoutStatus(status_of_stripe(snapshot.status))
        if told != payout.status and may_become(status=payout.status, to=told):
            _arrive(policy, payout, snapshot, told, now)
    return payout


def _arrive(
    policy: PayoutPolicy, payout: Payout, snapshot: PayoutSnapshot, told: PayoutStatus, now: datetime
) -> None:
    if told == PayoutStatus.PAID:
        _paid(policy, payout, now)
    elif told in _CAME_BACK:
        payout.failure_code = snapshot.failure_code
        payout.failure_message = snapshot.failure_message[:300]
        if told == PayoutStatus.CANCELED:
            payout.reason = note_of(Cancellation.AT_STRIPE)
        _came_back(policy, payout, told, now)


def settle_by_hand(
    *, policy: PayoutPolicy, payout: Payout, to: PayoutStatus, note: str, actor: Actor, now: datetime
) -> None:
    """Write down how a payout ended that Stripe says nothing of any more, as its news would have been.

    `to` is `PAID` or `FAILED`; policy and payout are locked by the caller.
    """
    lock_payments(payout)
    if to == PayoutStatus.PAID:
        _paid(policy, payout, now, actor=actor, note=note)
    else:
        payout.failure_message = note[:300]
        _came_back(policy, payout, to, now, actor=actor)


def _paid(
    policy: PayoutPolicy, payout: Payout, now: datetime, *, actor: Actor = SYSTEM, note: str = ""
) -> None:
    change(payout=payout, to=PayoutStatus.PAID, now=now, actor=actor, reason=note)
    _covered(payout).update(payout_status=PayoutStatus.PAID, payout_date=now)
    _post(
        payout,
        EntryKind.PAYOUT_PAID,
        f"payout_paid:{payout.stripe_payout_id}",
        [
            Posting(Account.IN_PAYOUT, payout.amount),
            Posting(Account.PAID, -payout.amount),
            Posting(Account.CREATOR_BANK, payout.amount),
            Posting(Account.IN_TRANSIT, -payout.amount),
        ],
        now,
    )
    if payout.currency == failed_currency(policy):  # this bank takes money again
        policy.retry_at, policy.failed_bank_account = None, ""
        policy.save()
    telling.paid(payout, calls=payout.items.filter(amount__gt=0).count(), now=now)


def _covered(payout: Payout) -> QuerySet[Payment]:
    """The payments that belong to a payout, found by its items."""
    ids = list(payout.items.values_list("payment_id", flat=True))
    return Payment.objects.filter(pk__in=ids, payout_id=payout.pk)


def _came_back(
    policy: PayoutPolicy, payout: Payout, to: PayoutStatus, now: datetime, *, actor: Actor = SYSTEM
) -> None:
    """The money is in the account again, and its payments can be paid out again."""
    why = payout.failure_message or payout.failure_code or payout.reason
    change(payout=payout, to=to, now=now, actor=actor, reason=why)
    let_go(payout)
    for name in ("payout_paid", "payout"):
        entry = Entry.objects.filter(key=f"{name}:{payout.stripe_payout_id}").first()
        if entry is not None:
            reverse(
                entry=entry,
                key=f"{name}_failure:{payout.stripe_payout_id}",
                kind=EntryKind.PAYOUT_FAILURE,
                now=now,
                note=why,
            )
    if to == PayoutStatus.FAILED:
        _count_failure(policy, payout, now)
        telling.failed(payout, policy, now=now)
    else:
        try_again_tomorrow(policy, payout, now)
        telling.canceled(payout, Cancellation.AT_STRIPE, now=now)


def let_go(payout: Payout) -> None:
    """Its payments belong to the payout that took them along before, if one did; else they wait for the next one."""
    _covered(payout).update(payout_id=None, payout_status="", payout_date=None)
    ids = payout.items.values_list("payment_id", flat=True)
    earlier = PayoutItem.objects.filter(payment_id__in=ids, payout__status=PayoutStatus.PAID)
    for item in earlier.select_related("payout").order_by("payout__paid_at"):
        Payment.objects.filter(pk=item.payment_id).update(
            payout_id=item.payout_id, payout_status=PayoutStatus.PAID, payout_date=item.payout.paid_at
        )


def _count_failure(policy: PayoutPolicy, payout: Payout, now: datetime) -> None:
    failures = policy.failures_in_a_row = _failures_before(policy, payout) + 1
    if retry.must_fix_bank(payout.failure_code) or payout.failure_code == errors.BANK_ACCOUNT_UNUSABLE:
        policy.failed_bank_account, policy.retry_at = payout.bank_account or "unknown", None
    else:
        policy.retry_at = retry.retry_at(failed_at=now, failures_in_a_row=failures)
    if retry.blocks_after(failures):
        policy.retry_at = None
        if not policy.blocked_reason:
            block(policy, reason=BlockReason.FAILURES, note="", actor=SYSTEM)
    policy.save()


def _failures_before(policy: PayoutPolicy, payout: Payout) -> int:
    """How many payouts failed in a row before this one.

    The row ends with a payout that stayed paid: a bank that sends each one back days after it was paid fails, too.
    """
    older = Payout.objects.filter(
        creator_id=policy.pk, currency=payout.currency, created_at__lt=payout.created_at
    )
    ended = older.filter(status__in=(PayoutStatus.PAID, PayoutStatus.FAILED)).order_by("-created_at")
    last = ended.values_list("status", flat=True).first()
    return 0 if last == PayoutStatus.PAID else policy.failures_in_a_row


def fail_unsent(*, payout_id: UUID, code: str, message: str, now: datetime) -> Payout:
    """Stripe does not make the payout: nothing has left, and its payments can be paid out again."""
    with transaction.atomic():
        policy, payout = lock_payout(payout_id)
        if payout.status not in _UNSENT or payout.stripe_payout_id:
            return payout
        lock_payments(payout)
        payout.failure_code, payout.failure_message = code[:64], message[:300]
        _came_back(policy, payout, PayoutStatus.FAILED, now)
    return payout


def _book_departure(payout: Payout, snapshot: PayoutSnapshot, now: datetime) -> None:
    """The money has left the account's balance: what each payment is owed is in the payout now."""
    items = payout.items.values_list("payment_id", "amount")
    _post(
        payout,
        EntryKind.PAYOUT,
        f"payout:{snapshot.id}",
        [
            *(Posting(Account.EARNINGS, amount, payment_id) for payment_id, amount in items),
            Posting(Account.IN_PAYOUT, -payout.amount),
            Posting(Account.IN_TRANSIT, payout.amount),
            Posting(Account.CREATOR_BALANCE, -payout.amount),
        ],
        now,
        occurred_at=snapshot.created,
    )


def _post(
    payout: Payout,
    kind: EntryKind,
    key: str,
    lines: list[Posting],
    now: datetime,
    *,
    occurred_at: datetime | None = None,
) -> None:
    post(
        key=key,
        kind=kind,
        currency=payout.currency,
        lines=lines,
        now=now,
        about=About(creator_id=payout.creator_id, payout_id=payout.pk),
        occurred_at=occurred_at,
        reference=payout.stripe_payout_id,
    )


def _book_platform_payout(snapshot: PayoutSnapshot, now: datetime) -> None:
    """The platform's own money goes to its own bank; it is booked when it leaves, and back when it returns."""
    with transaction.atomic():
        post(
            key=f"platform_payout:{snapshot.id}",
            kind=EntryKind.PLATFORM_PAYOUT,
            currency=snapshot.currency,
            lines=[
                Posting(Account.PLATFORM_BANK, snapshot.amount),
                Posting(Account.PLATFORM_BALANCE, -snapshot.amount),
            ],
            now=now,
            occurred_at=snapshot.created,
            reference=snapshot.id,
        )
        if status_of_stripe(snapshot.status) in _CAME_BACK:
            entry = Entry.objects.get(key=f"platform_payout:{snapshot.id}")
            reverse(
                entry=entry,
                key=f"platform_payout_failure:{snapshot.id}",
                kind=EntryKind.PLATFORM_PAYOUT_FAILURE,
                now=now,
                note=snapshot.failure_message,
            )


def _note_stranger(snapshot: PayoutSnapshot) -> None:
    """A payout that this engine did not make: accounts are set to manual payouts, so somebody did it by hand."""
    if Creator.objects.filter(stripe_account_id=snapshot.account).exists():
        record(
            type="PAYOUT_UNKNOWN",
            level=Level.CRITICAL,
            message=f"{snapshot.amount} {snapshot.currency} left a creator's account by a payout that is not ours",
            account=snapshot.account,
            payout=snapshot.id,
        )


def note_bank_account(*, payout: Payout) -> None:
    """Remember the last digits of the bank account that a payout goes to, for the creator to see."""
    try:
        bank = gateway.default_bank_account(account=payout.stripe_account, currency=payout.currency)
    except ProviderError:
        return  # nice to know, nothing depends on it
    if bank is not None:
        Payout.objects.filter(pk=payout.pk).update(bank_account=bank.id, bank_last4=bank.last4)
