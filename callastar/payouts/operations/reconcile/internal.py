"""What must hold within our own books, whatever Stripe says: balances and lines, rows and entries.

In these differences `ours` is the figure that is looked at and `theirs` the one that it should be.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from callastar.ledger.models import Account, Balance, EntryKind, Line
from callastar.ledger.queries import mismatched_balances, unbalanced_entries
from callastar.ledger.rules import Found
from callastar.payments.models import (
    Debt,
    DebtStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundStatus,
    TransferReversal,
)
from callastar.payouts.models import Payout, PayoutItem, PayoutStatus

# Until then the transfer of a charge may still be unknown: the fan's money is not allocated yet.
ALLOCATED_WITHIN = timedelta(hours=1)
_ON_THE_WAY = (PayoutStatus.PROCESSING, PayoutStatus.PAID)


def differences(*, now: datetime) -> list[Found]:
    """Everything that does not hold, read at one moment."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return [found for check in _CHECKS for found in check(now)]


def _stored_balances(now: datetime) -> Iterator[Found]:
    for one in mismatched_balances():
        owner = " ".join(str(part) for part in (one.account, one.creator_id, one.payment_id) if part)
        yield Found("stored_balance", "", owner, "", one.currency, one.stored, one.summed)


def _unbalanced(now: datetime) -> Iterator[Found]:
    for entry_id in unbalanced_entries():
        yield Found("entry_unbalanced", "", str(entry_id))


def _fan_funds(now: datetime) -> Iterator[Found]:
    """Money of fans that nothing is happening with: neither allocated nor given back."""
    payment = OuterRef("payment_id")
    refund = Refund.objects.filter(payment=payment, status=RefundStatus.PENDING)
    reversal = TransferReversal.objects.filter(payment=payment, status=MoveStatus.PENDING)
    young = Payment.objects.filter(pk=payment).filter(
        Q(paid_at=None) | Q(paid_at__gt=now - ALLOCATED_WITHIN), transfer_id=""
    )
    idle = Balance.objects.filter(account=Account.FAN_FUNDS).exclude(amount=0)
    idle = idle.filter(~Exists(refund), ~Exists(reversal), ~Exists(young))
    for payment_id, currency, amount in idle.values_list("payment_id", "currency", "amount").iterator():
        note = "the fan's money is neither allocated nor given back"
        yield Found("fan_funds_open", "", str(payment_id), "", currency, -amount, 0, note)


def _sum(rows: QuerySet[Line] | QuerySet[Refund] | QuerySet[PayoutItem], group: str) -> Coalesce:
    """The sum of the amounts of correlated rows."""
    summed = rows.order_by().values(group).annotate(total=Sum("amount")).values("total")
    return Coalesce(
        Subquery(summed, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField()
    )


def _refunded(now: datetime) -> Iterator[Found]:
    """What a payment says was refunded, against what left for the fan; refunds under way may have left already."""
    lines = Line.objects.filter(
        payment_id=OuterRef("pk"),
        account=Account.FAN_FUNDS,
        entry__kind__in=(EntryKind.REFUND, EntryKind.REFUND_FAILURE),
    )
    pending = Refund.objects.filter(payment=OuterRef("pk"), status=RefundStatus.PENDING)
    wrong = (
        Payment.objects.filter(is_test=False, paid_at__isnull=False)
        .annotate(left=_sum(lines, "payment_id"), under_way=_sum(pending, "payment_id"))
        .filter(Q(left__lt=F("refunded_amount")) | Q(left__gt=F("refunded_amount") + F("under_way")))
    )
    for one in wrong.iterator(chunk_size=500):
        figures = (one.refunded_amount, min(one.left, one.amount))
        if figures[0] != figures[1]:  # of a wrong amount, more than the price may go back
            yield Found("payment_refunded", one.charge_id, str(one.pk), "", one.currency, *figures)


def _payout_items(now: datetime) -> Iterator[Found]:
    items = PayoutItem.objects.filter(payout=OuterRef("pk"))
    wrong = Payout.objects.annotate(covered=_sum(items, "payout")).exclude(covered=F("amount"))
    for one in wrong.filter(Q(status__in=_ON_THE_WAY) | Exists(items)).iterator(chunk_size=500):
        covered = one.covered
        yield Found(
            "payout_items",
            one.stripe_payout_id,
            str(one.pk),
            one.stripe_account,
            one.currency,
            covered,
            one.amount,
            "what it covers is not what it pays",
        )


def _paid_twice(now: datetime) -> Iterator[Found]:
    """Payments of which more is in payouts than a creator can have earned with them."""
    items = PayoutItem.objects.filter(payment_id=OuterRef("pk"), payout__status__in=_ON_THE_WAY)
    taken = Payment.objects.annotate(taken=_sum(items, "payment_id")).filter(taken__gt=F("creator_amount"))
    for one in taken.filter(payout_id__isnull=False).iterator(chunk_size=500):
        amount = one.taken
        note = "more is in payouts than was earned"
        yield Found(
            "paid_out_twice", one.charge_id, str(one.pk), "", one.currency, amount, one.creator_amount, note
        )


def _debts(now: datetime) -> Iterator[Found]:
    owed = Debt.objects.filter(status=DebtStatus.OPEN).values_list("creator_id", "currency")
    rows = owed.annotate(total=Sum(F("amount") - F("settled_amount")))
    yield from _against_balance("debts", rows, Account.DEBT, sign=1)


def _payouts(now: datetime) -> Iterator[Found]:
    for kind, status, account in (
        ("payouts_paid", PayoutStatus.PAID, Account.PAID),
        ("payouts_on_the_way", PayoutStatus.PROCESSING, Account.IN_PAYOUT),
    ):
        sent = Payout.objects.filter(status=status).exclude(stripe_payout_id="").order_by()
        rows = sent.values_list("creator_id", "currency").annotate(total=Sum("amount"))
        yield from _against_balance(kind, rows, account, sign=-1)


def _against_balance(kind: str, rows: object, account: Account, *, sign: int) -> Iterator[Found]:
    """Sums of rows by creator and currency, against the balance of an account."""
    ours = {(creator_id, currency): total for creator_id, currency, total in rows}  # type: ignore[attr-defined]
    balances = Balance.objects.filter(account=account).values_list("creator_id", "currency", "amount")
    theirs = {(creator_id, currency): sign * amount for creator_id, currency, amount in balances}
    for key in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(key, 0), theirs.get(key, 0)
        if here != there:
            our_id = f"{account.value} {key[0]}"
            yield Found(kind, "", our_id, "", key[1], here, there, "our rows against the journal")


_CHECKS = (
    _stored_balances,
    _unbalanced,
    _fan_funds,
    _refunded,
    _payout_items,
    _paid_twice,
    _debts,
    _payouts,
)
