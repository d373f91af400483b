"""What the API says of payouts. Times are ISO 8601 in UTC, amounts in minor units."""

from datetime import datetime
from uuid import UUID

from ninja import Schema

from callastar.core.api.fields import MoneyOut
from callastar.core.api.money import money_out
from callastar.core.money import Currency, Money
from callastar.mail.money_texts import payout_failure
from callastar.payouts.models import Payout, PayoutStatus
from callastar.payouts.queries import Standing
from callastar.payouts.refusals import OBSTACLE_TEXTS


class PayoutIn(Schema):
    """`currency`: of what is to be paid out; empty for the creator's own."""

    currency: Currency | None = None


class PayoutOut(Schema):
    """A payout. Before it is `PROCESSING` its amount is what is foreseen.

    `failure_code` is Stripe's, `reason` says why it failed, in the asker's language, or was rejected, in an
    admin's words.
    """

    id: UUID
    status: str
    trigger: str
    amount: MoneyOut
    bank_last4: str
    arrival_date: datetime | None
    failure_code: str
    reason: str
    created_at: datetime
    requested_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    paid_at: datetime | None
    failed_at: datetime | None
    rejected_at: datetime | None
    canceled_at: datetime | None


class PayoutItemOut(Schema):
    """What a payout covers of one payment; negative for what was given back after it had been paid out."""

    payment_id: UUID
    amount: MoneyOut


class PayoutChangeOut(Schema):
    """One change of a payout."""

    from_status: str
    to_status: str
    at: datetime


class PayoutDetailOut(PayoutOut):
    """The same with what it covers and its changes, oldest first."""

    items: list[PayoutItemOut]
    changes: list[PayoutChangeOut]


class PayoutPage(Schema):
    """Some payouts; `next_cursor` asks for those that follow, empty on the last page."""

    data: list[PayoutOut]
    next_cursor: str


class ObstacleOut(Schema):
    """Something that stands in the way of a payout: a stable code, and a sentence."""

    code: str
    text: str


class NextPayoutOut(Schema):
    """The payout that the schedule makes next, if no obstacle stands in its way."""

    at: datetime
    amount: MoneyOut


class BalanceOut(Schema):
    """A creator's money in one currency, from the journal.

    `available` can be paid out now, `pending` is not released yet, `in_payout` is on its way, `paid` is all that ever
    arrived, `debt` is owed to the platform, `reserved` is held while disputes are open. `obstacles` stand in the way of
    automatic payouts, `request_obstacles` of one that is asked for; each the gravest first.
    """

    currency: str
    available: MoneyOut
    pending: MoneyOut
    in_payout: MoneyOut
    paid: MoneyOut
    debt: MoneyOut
    reserved: MoneyOut
    next_payout: NextPayoutOut | None
    obstacles: list[ObstacleOut]
    request_obstacles: list[ObstacleOut]


class BalancesOut(Schema):
    """One for each currency; the creator's own first."""

    data: list[BalanceOut]


def payout_out(payout: Payout) -> PayoutOut:
    """The payout as JSON."""
    return PayoutOut.model_validate(_values(payout))


def payout_detail_out(payout: Payout) -> PayoutDetailOut:
    """The payout with what it covers and what happened to it."""
    currency = Currency(payout.currency)
    items = [
        PayoutItemOut(payment_id=item.payment_id, amount=money_out(Money(item.amount, currency)))
        for item in payout.items.order_by("pk")
    ]
    changes = [
        PayoutChangeOut(from_status=line.from_status, to_status=line.to_status, at=line.at)
        for line in payout.audit.all()
    ]
    return PayoutDetailOut.model_validate({**_values(payout), "items": items, "changes": changes})


_TIMES = (
    "created_at",
    "requested_at",
    "approved_at",
    "sent_at",
    "paid_at",
    "failed_at",
    "rejected_at",
    "canceled_at",
)


def _values(payout: Payout) -> dict[str, object]:
    return {
        "id": payout.pk,
        "status": payout.status,
        "trigger": payout.trigger,
        "amount": money_out(payout.money),
        "bank_last4": payout.bank_last4,
        "arrival_date": payout.arrival_date,
        "failure_code": payout.failure_code,
        "reason": _reason(payout),
        **{name: getattr(payout, name) for name in _TIMES},
    }


def _reason(payout: Payout) -> str:
    if payout.status == PayoutStatus.FAILED:
        return str(payout_failure(payout.failure_code))
    return payout.reason if payout.status == PayoutStatus.REJECTED else ""


def balance_out(standing: Standing) -> BalanceOut:
    """One currency's standing as JSON."""
    currency, expected = Currency(standing.currency), standing.expectation
    names = ("available", "pending", "in_payout", "paid", "debt", "reserved")
    amounts = {name: money_out(Money(getattr(standing, name), currency)) for name in names}
    return BalanceOut(
        currency=currency,
        next_payout=NextPayoutOut(at=expected.at, amount=money_out(Money(expected.amount, currency)))
        if expected
        else None,
        obstacles=[ObstacleOut(code=each, text=str(OBSTACLE_TEXTS[each])) for each in standing.obstacles],
        request_obstacles=[
            ObstacleOut(code=each, text=str(OBSTACLE_TEXTS[each])) for each in standing.may_request
        ],
        **amounts,
    )
