"""What people decide about a payout that waits: an admin says yes or no, its creator takes it back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import Actor
from callastar.creators.models import Creator
from callastar.payouts.models import Payout, PayoutStatus
from callastar.payouts.operations import telling
from callastar.payouts.operations.plan import send_later
from callastar.payouts.operations.transitions import cancel_by_itself, change, lock_payout
from callastar.payouts.queries import claims_of, payout_of, situation_of
from callastar.payouts.refusals import (
    PayoutDecidedError,
    PayoutNotFoundError,
    PayoutObstacleError,
    ReasonMissingError,
)
from callastar.payouts.rules.eligibility import Obstacle, obstacles

# What was asked for can be gone by the time an admin agrees: refunded, disputed, or used for a debt.
_TOO_LITTLE = {
    Obstacle.NOTHING_PAYABLE: "nothing is payable any more",
    Obstacle.BELOW_MINIMUM: "what is payable now is below the minimum",
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
            cancel_by_itself(payout=payout, reason=_TOO_LITTLE[against[0]], now=now, actor=Actor.of(admin))
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
