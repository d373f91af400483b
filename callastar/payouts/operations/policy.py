"""How creators are paid: what they choose themselves, and what the platform decides."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.payouts.models import BlockReason, Frequency, PayoutPolicy, Weekday
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
    """Let a creator's payouts go on; failures are counted anew."""
    with transaction.atomic():
        policy = lock_policy(creator_id)
        before = policy.blocked_reason
        policy.blocked_reason = policy.blocked_note = ""
        policy.failures_in_a_row, policy.retry_at = 0, None
        policy.next_payout_at = policy.next_payout_at or due_after(policy, policy.creator, now)
        policy.save()
        record(
            type="PAYOUTS_UNBLOCKED",
            message=f"A creator's payouts go on (they were blocked: {before})",
            actor=actor,
            creator=creator_id,
        )


def look_at_bank_account(*, policy: PayoutPolicy, currency: str) -> None:
    """After a failure that the same bank account would repeat: whether Stripe has another one now.

    Raises `ProviderError` when Stripe cannot say.
    """
    failed = policy.failed_bank_account
    if not failed:
        return
    try:
        bank = gateway.default_bank_account(account=policy.creator.stripe_account_id, currency=currency)
    except ProviderError as error:
        if error.is_temporary:
            raise
        return  # the account is gone: another obstacle says so
    if bank is None or bank.id == failed or bank.status == "errored":
        return
    PayoutPolicy.objects.filter(pk=policy.pk, failed_bank_account=failed).update(failed_bank_account="")
    policy.failed_bank_account = ""
    record(
        type="BANK_ACCOUNT_CHANGED", message="A creator gave Stripe another bank account", creator=policy.pk
    )
