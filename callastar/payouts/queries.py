"""Reads about payouts: what could be paid out, what stands in the way, what was. Amounts in minor units."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from callastar.creators.models import Creator
from callastar.ledger.queries import CreatorTotals, creator_position, creator_totals, open_earnings
from callastar.payments.models import Payment
from callastar.payments.operations.debts import open_debt
from callastar.payments.releasing import is_frozen, is_released, with_holds
from callastar.payouts.models import ACTIVE, Payout, PayoutPolicy
from callastar.payouts.refusals import PayoutNotFoundError
from callastar.payouts.rules.eligibility import Obstacle, Situation, obstacles
from callastar.payouts.rules.expectation import Expectation, expected
from callastar.payouts.rules.schedule import next_due
from callastar.payouts.rules.selection import Claim

ON_ITS_WAY = "PROCESSING"
FALLBACK = "EUR"  # of creators whose currency is not known yet


@dataclass(frozen=True, slots=True)
class Claims:
    """What a creator is owed in one currency and not in a payout, by when it can be paid out."""

    payable: list[Claim] = field(default_factory=list)  # now; refunded after their payout: negative
    coming: list[Claim] = field(default_factory=list)  # released later, or once the call's outcome is final
    frozen: list[Claim] = field(default_factory=list)  # refunded or disputed, or about to be
    leaving: list[Claim] = field(default_factory=list)  # in a payout that Stripe is making at this moment

    @property
    def payable_sum(self) -> int:
        """What can be paid out now, before debt."""
        return sum(claim.amount for claim in self.payable)

    @property
    def pending_sum(self) -> int:
        """What is earned and cannot be paid out yet."""
        return sum(claim.amount for claim in (*self.coming, *self.frozen))

    @property
    def leaving_sum(self) -> int:
        """What is in a payout already, by our word and not yet by the journal's."""
        return sum(claim.amount for claim in self.leaving)


def claims_of(*, creator_id: int, currency: str, now: datetime) -> Claims:
    """What a creator is owed, from the journal, sorted by what may be done with it."""
    return _sorted_claims(open_earnings(creator_id), now).get(currency, Claims())


def _sorted_claims(earned: Mapping[UUID, int], now: datetime) -> dict[str, Claims]:
    """The claims of open earnings by payment (minor units), by currency."""
    found: dict[str, Claims] = {}
    for payment in with_holds(Payment.objects.filter(pk__in=earned)):
        amount, claims = earned[payment.pk], found.setdefault(payment.currency, Claims())
        claim = Claim(payment.pk, amount, payment.payout_release_date or payment.created_at)
        if payment.payout_status == ON_ITS_WAY:
            claims.leaving.append(claim)
        elif amount < 0:
            claims.payable.append(claim)
        elif is_frozen(payment):
            claims.frozen.append(claim)
        elif is_released(payment, now):
            claims.payable.append(claim)
        else:
            claims.coming.append(claim)
    return found


def covers_what_may_leave(payout: Payout) -> bool:
    """Whether each payment of a payout that has not left is still owed as it was chosen, and held by nothing.

    The outcome of its call may have been contested meanwhile.
    """
    items = dict(payout.items.values_list("payment_id", "amount"))
    earned = open_earnings(payout.creator_id)
    payments = list(with_holds(Payment.objects.filter(pk__in=items, payout_id=payout.pk)))
    return len(payments) == len(items) and all(
        earned.get(payment.pk, 0) == items[payment.pk]
        and (items[payment.pk] < 0 or (payment.call_settled_at is not None and not is_frozen(payment)))
        for payment in payments
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a creator stands in one currency: every figure from the journal, and what comes next.

    `available` can be paid out now; `pending` not yet; all in minor units, positive as a person would say it.
    """

    currency: str
    available: int
    pending: int
    in_payout: int
    paid: int
    debt: int
    reserved: int
    claims: Claims
    obstacles: tuple[Obstacle, ...]
    may_request: tuple[Obstacle, ...]
    expectation: Expectation | None


def standings(
    *, policy: PayoutPolicy, now: datetime, active: Collection[str] | None = None
) -> list[Standing]:
    """How a creator stands, in each currency that they earned something in; their own currency always.

    `active` names the currencies in which a payout is under way, for callers who have read that already.
    """
    position = creator_position(policy.pk)
    totals = {total.currency: total for total in position.totals}
    claims = _sorted_claims(position.earned, now)
    if active is None:
        active = set(payouts_of(policy.pk).filter(status__in=ACTIVE).values_list("currency", flat=True))
    return [
        _standing(
            policy,
            totals.get(currency, CreatorTotals(currency)),
            claims.get(currency, Claims()),
            is_active=currency in active,
            now=now,
        )
        for currency in dict.fromkeys([policy.creator.currency or FALLBACK, *totals])
    ]


def _standing(
    policy: PayoutPolicy, total: CreatorTotals, claims: Claims, *, is_active: bool, now: datetime
) -> Standing:
    situation = _situation(policy, claims, is_active=is_active, debt=total.debt, now=now)
    return Standing(
        currency=total.currency,
        available=claims.payable_sum,
        pending=claims.pending_sum,
        in_payout=total.in_payout + claims.leaving_sum,
        paid=total.paid,
        debt=total.debt,
        reserved=total.reserved,
        claims=claims,
        obstacles=obstacles(situation, automatic=True),
        may_request=obstacles(situation, automatic=False),
        expectation=_expectation(policy, situation, claims, now),
    )


def _expectation(
    policy: PayoutPolicy, situation: Situation, claims: Claims, now: datetime
) -> Expectation | None:
    overdue = policy.next_payout_at is not None and policy.next_payout_at <= now
    return expected(
        [*claims.payable, *claims.coming],
        debt=situation.debt,
        minimum=policy.minimum,
        now=now,
        stored=policy.next_payout_at if overdue else None,  # see `next_run`
        retry_at=policy.retry_at,
        frequency=policy.frequency,
        weekday=policy.weekday,
        zone=policy.creator.user.zone,
    )


def next_run(policy: PayoutPolicy, *, now: datetime) -> datetime | None:
    """When the schedule comes round next; None for who asks by hand.

    A date that is still to come is computed anew: its creator may have moved to another time zone since.
    """
    if policy.next_payout_at is not None and policy.next_payout_at <= now:
        return now
    zone = policy.creator.user.zone
    return next_due(after=now, frequency=policy.frequency, weekday=policy.weekday, zone=zone)


def situation_of(*, policy: PayoutPolicy, currency: str, claims: Claims, now: datetime) -> Situation:
    """What decides on a payout to a creator in one currency."""
    active = Payout.objects.filter(creator=policy.creator, currency=currency, status__in=ACTIVE)
    debt = open_debt(policy.pk, currency)
    return _situation(policy, claims, is_active=active.exists(), debt=debt, now=now)


def _situation(
    policy: PayoutPolicy, claims: Claims, *, is_active: bool, debt: int, now: datetime
) -> Situation:
    creator = policy.creator
    return Situation(
        now=now,
        has_account=bool(creator.stripe_account_id),
        account_gone=is_gone(creator),
        details_submitted=creator.details_submitted,
        payouts_enabled=creator.payouts_enabled,
        blocked_reason=policy.blocked_reason,
        bank_must_be_fixed=bool(policy.failed_bank_account),
        is_paused=policy.is_paused,
        payout_active=is_active,
        retry_at=policy.retry_at,
        payable=claims.payable_sum,
        debt=debt,
        debt_threshold=settings.DEBT_THRESHOLD,
        minimum=policy.minimum,
    )


def is_gone(creator: Creator) -> bool:
    """Whether the account at Stripe was closed or disconnected: it can do nothing, and nothing is asked of it."""
    can_nothing = not creator.charges_enabled and not creator.payouts_enabled
    return creator.details_submitted and can_nothing and not creator.stripe_requirements


def currencies_of(creator: Creator) -> list[str]:
    """The currencies that a creator may be paid in: their own first, then others that they earned something in."""
    earned = [total.currency for total in creator_totals(creator.pk)]
    return list(dict.fromkeys([creator.currency or FALLBACK, *earned]))


def payouts_of(creator_id: int) -> QuerySet[Payout]:
    """A creator's payouts, newest first."""
    return Payout.objects.filter(creator_id=creator_id).order_by("-created_at")


def payout_of(*, creator_id: int, payout_id: UUID) -> Payout:
    """One of a creator's payouts. Raises `PayoutNotFoundError` also for somebody else's."""
    payout = Payout.objects.filter(pk=payout_id, creator_id=creator_id).first()
    if payout is None:
        raise PayoutNotFoundError
    return payout
