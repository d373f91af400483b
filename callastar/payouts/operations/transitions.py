"""The only place where a payout's state changes: each change is in its audit log, with who, when and why."""

from datetime import datetime, timedelta
from uuid import UUID

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.payments.models import Payment
from callastar.payouts.models import Payout, PayoutAuditLog, PayoutPolicy, PayoutStatus, PayoutTrigger
from callastar.payouts.operations import telling
from callastar.payouts.refusals import PayoutNotFoundError
from callastar.payouts.rules.cancellation import Cancellation, note_of
from callastar.payouts.rules.states import may_become

TRY_AGAIN = timedelta(days=1)

_TIMES = {
    PayoutStatus.REQUESTED: "requested_at",
    PayoutStatus.APPROVED: "approved_at",
    PayoutStatus.PROCESSING: "sent_at",
    PayoutStatus.PAID: "paid_at",
    PayoutStatus.FAILED: "failed_at",
    PayoutStatus.REJECTED: "rejected_at",
    PayoutStatus.CANCELED: "canceled_at",
}
_LEVELS = {PayoutStatus.FAILED: Level.ERROR, PayoutStatus.REJECTED: Level.WARNING}


class IllegalTransitionError(Exception):
    """A payout was to change into a state that its present one does not allow."""


def lock_policy(creator_id: int) -> PayoutPolicy:
    """A creator's policy, locked until the transaction ends: one decision about their money at a time.

    Locks are taken policy first, then payout, then payments by key.
    """
    return (
        PayoutPolicy.objects.select_for_update(of=("self",))
        .select_related("creator__user")
        .get(pk=creator_id)
    )


def lock_payout(payout_id: UUID) -> tuple[PayoutPolicy, Payout]:
    """A payout and its creator's policy, locked until the transaction ends. Raises `PayoutNotFoundError`."""
    creator_id = Payout.objects.filter(pk=payout_id).values_list("creator_id", flat=True).first()
    if creator_id is None:
        raise PayoutNotFoundError
    policy = lock_policy(creator_id)
    payout = Payout.objects.select_for_update().get(pk=payout_id)
    payout.creator = policy.creator
    return policy, payout


def lock_payments(payout: Payout) -> None:
    """Lock the payments that a payout covers, before anything is posted.

    Whoever writes a charge down locks its payment and then the balances of its creator: the other way round, the two
    would wait for each other.
    """
    ids = payout.items.values_list("payment_id", flat=True)
    list(Payment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def note_creation(*, payout: Payout, actor: Actor, now: datetime, reason: str = "") -> None:
    """The first line of a payout's audit log."""
    _stamp(payout, now)
    payout.save()
    _note(payout, "", reason, actor, now)


def change(
    *, payout: Payout, to: PayoutStatus, now: datetime, actor: Actor = SYSTEM, reason: str = ""
) -> None:
    """Change a locked payout's state.

    Raises `IllegalTransitionError` and changes nothing where its present state does not allow it.
    """
    if not may_become(status=payout.status, to=to):
        raise IllegalTransitionError(f"{payout.pk}: {payout.status} → {to}")
    before, payout.status = payout.status, to
    _stamp(payout, now)
    payout.save()
    _note(payout, before, reason, actor, now)


def cancel_by_itself(
    *,
    policy: PayoutPolicy,
    payout: Payout,
    why: Cancellation,
    now: datetime,
    actor: Actor = SYSTEM,
    available: int = 0,
) -> None:
    """End a locked payout that is not to be made after all, and tell who waits for it.

    What the schedule wanted is tried again the next day: its own date may be a week away. `available` (minor units) is
    what Stripe has, where that is the reason.
    """
    payout.reason = note_of(why, available=available)
    change(payout=payout, to=PayoutStatus.CANCELED, now=now, actor=actor, reason=payout.reason)
    try_again_tomorrow(policy, payout, now)
    telling.canceled(payout, why, now=now)


def try_again_tomorrow(policy: PayoutPolicy, payout: Payout, now: datetime) -> None:
    """Have a payout that nobody asked for tried again, unless something else decides on that already."""
    is_held = bool(policy.blocked_reason or policy.failed_bank_account)
    if payout.trigger != PayoutTrigger.REQUEST and not is_held and policy.retry_at is None:
        policy.retry_at = now + TRY_AGAIN
        policy.save()


def _stamp(payout: Payout, now: datetime) -> None:
    setattr(payout, _TIMES[PayoutStatus(payout.status)], now)


def _note(payout: Payout, before: str, reason: str, actor: Actor, now: datetime) -> None:
    PayoutAuditLog.objects.create(
        payout=payout,
        from_status=before,
        to_status=payout.status,
        reason=reason[:300],
        actor_kind=actor.kind,
        actor_id=actor.id,
        at=now,
    )
    record(
        type=f"PAYOUT_{payout.status}",
        level=_LEVELS.get(PayoutStatus(payout.status), Level.INFO),
        message=f"Payout of {payout.amount} {payout.currency}: {before or 'made'} → {payout.status}",
        actor=actor,
        creator=payout.creator_id,
        payout=payout.pk,
        reason=reason,
    )
