"""How creators are paid: what they choose themselves, and what the platform decides."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.payouts.models import BlockReason, Frequency, Payout, PayoutPolicy, PayoutStatus, Weekday
from callastar.payouts.operations.transitions import lock_policy
from callastar.payouts.rules.schedule import next_due
from callastar.providers.stripe import payouts as gateway


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """What a creator chooses; `minimum` in minor units of their currency."""

    frequency: Frequency
    weekday: Weekday
    is_paused: bool
    minimum: int


def policy_of(creator: Creator, *, now: datetime) -> PayoutPolicy:
    """A creator's policy; the default one is made the first time."""
    policy, _ = PayoutPolicy.objects.get_or_create(
        creator=creator,
        defaults={"minimum": settings.PAYOUT_MINIMUM, "next_payout_at": _first_due(creator, now)},
    )
    policy.creator = creator
    return policy


def _first_due(creator: Creator, now: datetime) -> datetime | None:
    default = PayoutPolicy(creator=creator)
    return due_after(default, creator, now)


def due_after(policy: PayoutPolicy, creator: Creator, after: datetime) -> datetime | None:
    """The policy's next date after a moment, in the creator's own time zone; None for who asks by hand."""
    return next_due(after=after, frequency=policy.frequency, weekday=policy.weekday, zone=creator.user.zone)


def choose_policy(*, creator: Creator, choice: PolicyChoice, now: datetime) -> PayoutPolicy:
    """Save what a creator chose; the next date follows from it."""
    policy_of(creator, now=now)
    with transaction.atomic():
        policy = lock_policy(creator.pk)
        policy.frequency, policy.weekday = choice.frequency, choice.weekday
        policy.is_paused, policy.minimum = choice.is_paused, choice.minimum
        policy.next_payout_at = due_after(policy, policy.creator, now)
        policy.save()
        record(
            type="PAYOUT_POLICY_CHANGED",
            message=f"Payouts: {policy.frequency}, paused: {policy.is_paused}, minimum: {policy.minimum}",
            actor=Actor.of(policy.creator.user),
            creator=creator.pk,
        )
    return policy


def follow_time_zone(*, creator: Creator, now: datetime) -> None:
    """The creator moved to another time zone: 06:00 is theirs from now on."""
    with transaction.atomic():
        if PayoutPolicy.objects.filter(pk=creator.pk).exists():
            policy = lock_policy(creator.pk)
            overdue = policy.next_payout_at is not None and policy.next_payout_at <= now
            if not overdue:  # a run that is due stays due
                policy.next_payout_at = due_after(policy, policy.creator, now)
                policy.save(update_fields=["next_payout_at", "updated_at"])


def follow_time_zones(*, now: datetime) -> None:
    """Move the dates of creators who live in another time zone than when theirs was computed.

    Accounts know nothing of payouts, so nobody tells when somebody moves: each run looks. A date to come follows from
    the present moment alone, hence one that differs was computed for another zone.
    """
    coming = PayoutPolicy.objects.filter(next_payout_at__gt=now).select_related("creator__user")
    for policy in coming.iterator():
        if policy.next_payout_at != due_after(policy, policy.creator, now):
            follow_time_zone(creator=policy.creator, now=now)


def block_payouts(*, creator_id: int, reason: BlockReason, note: str = "", actor: Actor = SYSTEM) -> None:
    """Hold a creator's payouts until somebody lets go; `note` is told to the creator."""
    with transaction.atomic():
        policy = lock_policy(creator_id)
        block(policy, reason=reason, note=note, actor=actor)


def block(policy: PayoutPolicy, *, reason: BlockReason, note: str, actor: Actor) -> None:
    """The same on a policy that the caller has locked."""
    policy.blocked_reason, policy.blocked_note = reason, note[:300]
    policy.save()
    record(
        type="PAYOUTS_BLOCKED",
        level=Level.WARNING,
        message=f"A creator's payouts are blocked: {reason}",
        actor=actor,
        creator=policy.creator_id,
        note=note,
    )


def unblock_payouts(*, creator_id: int, actor: Actor, now: datetime) -> None:
    """Let a creator's payouts go on; failures are counted anew, and the bank account gets another chance."""
    with transaction.atomic():
        policy = lock_policy(creator_id)
        before = policy.blocked_reason
        policy.blocked_reason = policy.blocked_note = ""
        policy.failures_in_a_row, policy.retry_at, policy.failed_bank_account = 0, None, ""
        policy.next_payout_at = policy.next_payout_at or due_after(policy, policy.creator, now)
        policy.save()
        record(
            type="PAYOUTS_UNBLOCKED",
            message=f"A creator's payouts go on (they were blocked: {before})",
            actor=actor,
            creator=creator_id,
        )


def require_approval(*, creator_id: int, required: bool, actor: Actor) -> None:
    """Whether an admin must agree to each of a creator's payouts."""
    with transaction.atomic():
        policy = lock_policy(creator_id)
        before, policy.requires_approval = policy.requires_approval, required
        policy.save()
        record(
            type="PAYOUT_APPROVAL_CHANGED",
            message=f"A creator's payouts need an approval: {before} → {required}",
            actor=actor,
            creator=creator_id,
            before=before,
            after=required,
        )


def failed_currency(policy: PayoutPolicy) -> str:
    """The currency of the creator's last payout that failed; empty if none has."""
    failed = Payout.objects.filter(creator_id=policy.pk, status=PayoutStatus.FAILED)
    return failed.order_by("-failed_at").values_list("currency", flat=True).first() or ""


def look_at_bank_account(*, policy: PayoutPolicy, now: datetime) -> None:
    """After a failure that the same bank account would repeat: whether Stripe has another one now.

    If so, what failed is tried again by the next run. Raises `ProviderError` when Stripe cannot say.
    """
    failed = policy.failed_bank_account
    if not failed:
        return
    currency = failed_currency(policy) or policy.creator.currency
    try:
        bank = gateway.default_bank_account(account=policy.creator.stripe_account_id, currency=currency)
    except ProviderError as error:
        if error.is_temporary:
            raise
        return  # the account is gone: another obstacle says so
    if bank is None or bank.id == failed or bank.status == "errored":
        return
    still_failed = PayoutPolicy.objects.filter(pk=policy.pk, failed_bank_account=failed)
    if still_failed.update(failed_bank_account="", retry_at=now):
        record(
            type="BANK_ACCOUNT_CHANGED",
            message="A creator gave Stripe another bank account",
            creator=policy.pk,
        )
    policy.refresh_from_db(fields=["failed_bank_account", "retry_at"])
