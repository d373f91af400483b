"""Deciding that a payout is to be made: by the schedule, again after a failure, or because the creator asks."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.errors import ProviderError
from callastar.core.queue import defer
from callastar.creators.models import Creator
from callastar.payments.operations.execute import recover_debts
from callastar.payments.operations.recovering import creators_owing_more_than
from callastar.payouts.models import Payout, PayoutPolicy, PayoutStatus, PayoutTrigger
from callastar.payouts.operations import telling
from callastar.payouts.operations.names import SEND_PAYOUT
from callastar.payouts.operations.policy import (
    due_after,
    follow_time_zones,
    look_at_bank_account,
    policy_of,
)
from callastar.payouts.operations.transitions import lock_policy, note_creation
from callastar.payouts.queries import Claims, claims_of, currencies_of, situation_of
from callastar.payouts.refusals import PayoutObstacleError
from callastar.payouts.rules.eligibility import Obstacle, Situation, needs_approval, obstacles


def run_due_payouts(*, now: datetime) -> dict[str, int]:
    """Plan the payouts of every creator whose time has come; answers counts.

    One that fails does not stop the others.
    """
    counts = {"due": 0, "planned": 0, "failed": 0}
    _give_policies(now)
    follow_time_zones(now=now)
    _look_at_bank_accounts(now)
    _recover_large_debts(now)
    due = PayoutPolicy.objects.filter(Q(next_payout_at__lte=now) | Q(retry_at__lte=now))
    for creator_id in list(due.order_by("next_payout_at").values_list("pk", flat=True)):
        counts["due"] += 1
        try:
            counts["planned"] += len(run_policy(creator_id=creator_id, now=now))
        except Exception as error:
            counts["failed"] += 1
            _note_failure(creator_id, error)
    return counts


def _give_policies(now: datetime) -> None:
    """Creators who have an account and were never asked how they want to be paid get the usual way."""
    for creator in (
        Creator.objects.filter(payout_policy=None).exclude(stripe_account_id="").select_related("user")
    ):
        policy_of(creator, now=now)


def _look_at_bank_accounts(now: datetime) -> None:
    """Bank accounts that refused a payout: who has given Stripe another one is paid by this very run."""
    waiting = PayoutPolicy.objects.filter(blocked_reason="").exclude(failed_bank_account="")
    for policy in waiting.select_related("creator"):
        try:
            look_at_bank_account(policy=policy, now=now)
        except Exception as error:
            _note_failure(policy.pk, error)


def _recover_large_debts(now: datetime) -> None:
    """Debts that stop payouts are paid back from what was earned since: afterwards payouts go on by themselves."""
    for creator_id in creators_owing_more_than(settings.DEBT_THRESHOLD, now=now):
        try:
            recover_debts(creator_id=creator_id, now=now, from_all=True)
        except Exception as error:
            _note_failure(creator_id, error)


def run_policy(*, creator_id: int, now: datetime) -> list[Payout]:
    """One run of a creator's schedule, however many were missed: the next date follows from now.

    Raises `ProviderError` when Stripe must be asked and does not answer: nothing is changed then.
    """
    policy = PayoutPolicy.objects.select_related("creator__user").get(pk=creator_id)
    look_at_bank_account(policy=policy, now=now)
    with transaction.atomic():
        policy = lock_policy(creator_id)
        trigger = _trigger(policy, now)
        if trigger is None:
            return []  # another run was faster
        if trigger is PayoutTrigger.RETRY:
            policy.retry_at = None
        if policy.next_payout_at is not None and policy.next_payout_at <= now:
            policy.next_payout_at = due_after(policy, policy.creator, now)
        planned, found = [], set()
        for currency in currencies_of(policy.creator):
            payout, against = _plan(policy, currency, trigger, now)
            found |= set(against)
            planned += [payout] if payout else []
        policy.last_run_at, policy.last_obstacles = now, [] if planned else sorted(found)
        policy.save()
    return planned


def _trigger(policy: PayoutPolicy, now: datetime) -> PayoutTrigger | None:
    if policy.retry_at is not None and policy.retry_at <= now:
        return PayoutTrigger.RETRY
    is_due = policy.next_payout_at is not None and policy.next_payout_at <= now
    return PayoutTrigger.SCHEDULE if is_due else None


def _plan(
    policy: PayoutPolicy, currency: str, trigger: PayoutTrigger, now: datetime
) -> tuple[Payout | None, tuple[Obstacle, ...]]:
    claims = claims_of(creator_id=policy.pk, currency=currency, now=now)
    situation = situation_of(policy=policy, currency=currency, claims=claims, now=now)
    if against := obstacles(situation, automatic=True):
        return None, against
    return _insert(policy, situation, claims, currency, trigger, SYSTEM, now), ()


def request_payout(*, creator: Creator, currency: str, now: datetime) -> Payout:
    """A creator asks for what can be paid out now. Raises `PayoutObstacleError` with what stands in the way."""
    policy_of(creator, now=now)
    _look_again(creator, now)
    with transaction.atomic():
        policy = lock_policy(creator.pk)
        claims = claims_of(creator_id=creator.pk, currency=currency, now=now)
        situation = situation_of(policy=policy, currency=currency, claims=claims, now=now)
        if against := obstacles(situation, automatic=False):
            raise PayoutObstacleError(against[0])
        actor = Actor.of(policy.creator.user)
        return _insert(policy, situation, claims, currency, PayoutTrigger.REQUEST, actor, now)


def _look_again(creator: Creator, now: datetime) -> None:
    policy = PayoutPolicy.objects.select_related("creator").get(pk=creator.pk)
    try:
        look_at_bank_account(policy=policy, now=now)
    except ProviderError:
        return  # Stripe does not answer: what is known stands


def _insert(
    policy: PayoutPolicy,
    situation: Situation,
    claims: Claims,
    currency: str,
    trigger: PayoutTrigger,
    actor: Actor,
    now: datetime,
) -> Payout:
    amount = situation.payable - situation.debt
    waits = needs_approval(
        trigger=trigger,
        frequency=policy.frequency,
        creator_requires=policy.requires_approval,
        manual_requires=settings.PAYOUT_MANUAL_NEEDS_APPROVAL,
        above=settings.PAYOUT_APPROVAL_ABOVE,
        amount=amount,
    )
    payout = Payout(
        creator=policy.creator,
        currency=currency,
        amount=amount,
        status=PayoutStatus.REQUESTED if waits else PayoutStatus.APPROVED,
        trigger=trigger,
        stripe_account=policy.creator.stripe_account_id,
        created_at=now,
    )
    note_creation(payout=payout, actor=actor, now=now, reason=trigger.value)
    if waits:
        telling.requested(payout, payments=len(claims.payable), now=now)
    else:
        send_later(payout.pk)
    return payout


def send_later(payout_id: UUID) -> None:
    """Have an approved payout sent by a job."""
    defer(SEND_PAYOUT, payout_id=str(payout_id))


def _note_failure(creator_id: int, error: Exception) -> None:
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="PAYOUT_RUN_FAILED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"A creator's payout could not be planned: {type(error).__name__}: {error}",
        creator=creator_id,
    )
