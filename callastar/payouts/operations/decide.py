"""What people decide about a payout that waits: an admin says yes or no, its creator takes it back."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.creators.models import Creator
from callastar.payouts.models import Payout, PayoutStatus
from callastar.payouts.operations import telling
from callastar.payouts.operations.plan import send_later
from callastar.payouts.operations.settle import settle_by_hand
from callastar.payouts.operations.transitions import cancel_by_itself, change, lock_payout
from callastar.payouts.queries import claims_of, payout_of, situation_of
from callastar.payouts.refusals import (
    PayoutDecidedError,
    PayoutNotFoundError,
    PayoutObstacleError,
    ReasonMissingError,
    StripeAnswersError,
)
from callastar.payouts.rules.cancellation import Cancellation
from callastar.payouts.rules.eligibility import Obstacle, obstacles

# What was asked for can be gone by the time an admin agrees: refunded, disputed, or used for a debt.
_TOO_LITTLE = {
    Obstacle.NOTHING_PAYABLE: Cancellation.NOTHING_LEFT,
    Obstacle.BELOW_MINIMUM: Cancellation.BELOW_MINIMUM,
}


def approve_payout(*, payout_id: UUID, admin: User, now: datetime) -> Payout:
    """An admin agrees; the amount is that of now, and when too little is left, the payout ends as `CANCELED`.

    Raises `PayoutNotFoundError`, `PayoutDecidedError`, `PayoutObstacleError`.
    """
    with transaction.atomic():
        policy, payout = lock_payout(payout_id)
        if payout.status != PayoutStatus.REQUESTED:
            raise PayoutDecidedError
        claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
        situation = situation_of(policy=policy, currency=payout.currency, claims=claims, now=now)
        against = [
            obstacle
            for obstacle in obstacles(situation, automatic=False)
            if obstacle is not Obstacle.PAYOUT_IN_PROGRESS  # this one
        ]
        if against and against[0] not in _TOO_LITTLE:
            raise PayoutObstacleError(against[0])
        if against:
            cancel_by_itself(
                policy=policy, payout=payout, why=_TOO_LITTLE[against[0]], now=now, actor=Actor.of(admin)
            )
            return payout
        payout.amount, payout.approved_by = situation.payable - situation.debt, admin
        change(payout=payout, to=PayoutStatus.APPROVED, now=now, actor=Actor.of(admin))
        telling.approved(payout, now=now)
        send_later(payout.pk)
    return payout


def reject_payout(*, payout_id: UUID, admin: User, reason: str, now: datetime) -> Payout:
    """An admin says no, and why. Raises `PayoutNotFoundError`, `PayoutDecidedError`, `ReasonMissingError`."""
    if not reason.strip():
        raise ReasonMissingError
    with transaction.atomic():
        _, payout = lock_payout(payout_id)
        if payout.status != PayoutStatus.REQUESTED:
            raise PayoutDecidedError
        payout.reason = reason.strip()[:300]
        actor = Actor.of(admin)
        change(payout=payout, to=PayoutStatus.REJECTED, now=now, actor=actor, reason=payout.reason)
        telling.rejected(payout, now=now)
    return payout


def cancel_payout(*, payout_id: UUID, user: User, now: datetime) -> Payout:
    """Its creator takes a request back. Raises `PayoutNotFoundError`, `PayoutDecidedError`."""
    creator = Creator.objects.filter(user=user).first()
    if creator is None:
        raise PayoutNotFoundError
    payout_of(creator_id=creator.pk, payout_id=payout_id)
    with transaction.atomic():
        _, payout = lock_payout(payout_id)
        if payout.status != PayoutStatus.REQUESTED:
            raise PayoutDecidedError
        payout.reason = "taken back by the creator"
        change(
            payout=payout,
            to=PayoutStatus.CANCELED,
            now=now,
            actor=Actor.of(user),
            reason=payout.reason,
        )
    return payout


def end_by_hand(
    *, payout_id: UUID, outcome: Literal["paid", "failed"], note: str, admin: User, now: datetime
) -> Payout:
    """An admin found out how a payout ended of which Stripe says nothing any more; `note` is how they know (PO-7).

    The journal gets what Stripe's news would have brought. Raises `PayoutNotFoundError`, `ReasonMissingError` without
    a note, `PayoutDecidedError` for one that has ended or never left, `StripeAnswersError` while Stripe says itself.
    """
    if not note.strip():
        raise ReasonMissingError
    to = PayoutStatus.PAID if outcome == "paid" else PayoutStatus.FAILED
    with transaction.atomic():
        policy, payout = lock_payout(payout_id)
        if payout.status != PayoutStatus.PROCESSING or not payout.stripe_payout_id:
            raise PayoutDecidedError
        if payout.unanswered_since is None:
            raise StripeAnswersError
        actor = Actor.of(admin)
        settle_by_hand(policy=policy, payout=payout, to=to, note=note.strip(), actor=actor, now=now)
        record(
            type="PAYOUT_ENDED_BY_HAND",
            level=Level.WARNING,
            message=f"An admin noted how a payout ended: {to}",
            actor=actor,
            creator=payout.creator_id,
            payout=payout.pk,
            note=note.strip()[:300],
        )
    return payout
