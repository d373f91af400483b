"""The journal's entries for what Stripe says of a payment's money: one function a kind, each posted once by its key.

Called on a locked payment. Amounts are those that Stripe reports, in minor units of the charge's currency.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum

from callastar.ledger.models import Account, Entry, EntryKind, Line
from callastar.ledger.operations import About, Posting, is_posted, post
from callastar.ledger.queries import payment_sums
from callastar.payments.models import (
    Debt,
    DebtCause,
    DebtSettlement,
    Dispute,
    Payment,
    Refund,
    TransferReversal,
)
from callastar.payments.rules import commission_given_back, refunded_parts
from callastar.providers.stripe.money_types import (
    ApplicationFeeSnapshot,
    ChargeMoney,
    DisputeTransaction,
    FeeRefundSnapshot,
    ReversalSnapshot,
    TransferSnapshot,
)
from callastar.providers.stripe.types import RefundSnapshot


@dataclass(frozen=True, slots=True)
class Book:
    """What all entries of one payment share: the payment, its currency at Stripe, and now."""

    payment: Payment
    currency: str
    now: datetime

    def post(
        self,
        kind: EntryKind,
        key: str,
        lines: list[Posting],
        *,
        reference: str,
        occurred_at: datetime | None = None,
        note: str = "",
        payout_id: UUID | None = None,
    ) -> Entry | None:
        """Post an entry about this payment; None if it was posted before."""
        about = About(self.payment.creator_id, self.payment.pk, self.payment.booking_id, payout_id)
        return post(
            key=key,
            kind=kind,
            currency=self.currency,
            lines=lines,
            now=self.now,
            about=about,
            occurred_at=occurred_at,
            reference=reference,
            note=note,
        )


def post_charge(book: Book, view: ChargeMoney) -> None:
    """The fan's money is here."""
    book.post(
        EntryKind.CHARGE,
        f"charge:{view.id}",
        [Posting(Account.PLATFORM_BALANCE, view.amount), Posting(Account.FAN_FUNDS, -view.amount)],
        reference=view.id,
        occurred_at=view.created,
    )


def post_transfer(book: Book, transfer: TransferSnapshot) -> None:
    """The whole amount moves to the creator's account, as destination charges do."""
    book.post(
        EntryKind.TRANSFER,
        f"transfer:{transfer.id}",
        [
            Posting(Account.CREATOR_BALANCE, transfer.amount),
            Posting(Account.PLATFORM_BALANCE, -transfer.amount),
            Posting(Account.FAN_FUNDS, transfer.amount),
            Posting(Account.EARNINGS, -transfer.amount),
        ],
        reference=transfer.id,
        occurred_at=transfer.created,
    )


def post_fees(book: Book, fee: ApplicationFeeSnapshot, occurred_at: datetime) -> None:
    """The application fee comes back from the creator's account, in its two parts."""
    commission = min(book.payment.platform_fee, fee.amount)
    parts = (
        (EntryKind.COMMISSION, "commission", Account.COMMISSION, commission),
        (EntryKind.PROCESSING_FEE, "processing", Account.PROCESSING_FEES, fee.amount - commission),
    )
    for kind, name, account, amount in parts:
        lines = [
            Posting(Account.PLATFORM_BALANCE, amount),
            Posting(Account.CREATOR_BALANCE, -amount),
            Posting(Account.EARNINGS, amount),
            Posting(account, -amount),
        ]
        book.post(kind, f"{name}:{fee.id}", lines, reference=fee.id, occurred_at=occurred_at)


def post_stripe_fee(book: Book, view: ChargeMoney) -> None:
    """What Stripe really took, and by how much it differs from what was collected for it.

    A fee in another currency than the charge's (the platform's balance is kept in another one) has no estimate to be
    compared with.
    """
    if view.fee is None:
        return
    same = view.fee_currency == view.currency
    estimate = book.payment.processing_fee if same else view.fee
    Book(book.payment, view.fee_currency, book.now).post(
        EntryKind.STRIPE_FEE,
        f"stripe_fee:{view.id}",
        [
            Posting(Account.STRIPE_FEES, estimate),
            Posting(Account.PLATFORM_BALANCE, -view.fee),
            Posting(Account.FEE_DIFFERENCE, view.fee - estimate),
        ],
        reference=view.balance_transaction,
        occurred_at=view.created,
    )


def post_refund(book: Book, refund: RefundSnapshot) -> None:
    """Money leaves for the fan; and comes back when their bank does not take it."""
    if refund.balance_transaction:
        lines = [Posting(Account.FAN_FUNDS, refund.amount), Posting(Account.PLATFORM_BALANCE, -refund.amount)]
        book.post(
            EntryKind.REFUND,
            f"refund:{refund.id}",
            lines,
            reference=refund.id,
            occurred_at=refund.created,
        )
    if refund.failure_balance_transaction:
        lines = [Posting(Account.PLATFORM_BALANCE, refund.amount), Posting(Account.FAN_FUNDS, -refund.amount)]
        book.post(EntryKind.REFUND_FAILURE, f"refund_failure:{refund.id}", lines, reference=refund.id)


def post_reversal(book: Book, reversal: ReversalSnapshot, ours: TransferReversal | None) -> Entry | None:
    """Part of the transfer is taken back: with a refund, for a debt, for a dispute, or at Stripe by hand."""
    if reversal.source_refund:
        against = Account.FAN_FUNDS
    elif ours is not None:
        against = Account.DEBT if ours.debt_id else Account.DISPUTE_RESERVE
    else:
        against = Account.ADJUSTMENTS
    return book.post(
        EntryKind.TRANSFER_REVERSAL,
        f"reversal:{reversal.id}",
        [
            Posting(Account.PLATFORM_BALANCE, reversal.amount),
            Posting(Account.CREATOR_BALANCE, -reversal.amount),
            Posting(Account.EARNINGS, reversal.amount),
            Posting(against, -reversal.amount),
        ],
        reference=reversal.id,
        occurred_at=reversal.created,
        note="made at Stripe by hand" if against is Account.ADJUSTMENTS else "",
        payout_id=ours.payout_id if ours else None,
    )


def post_fee_refund(book: Book, fee_refund: FeeRefundSnapshot) -> None:
    """Part of the application fee goes back to the creator's account, split as all that went back so far."""
    key = f"fee_refund:{fee_refund.id}"
    if is_posted(key):
        return
    book.post(
        EntryKind.FEE_REFUND,
        key,
        [
            Posting(Account.CREATOR_BALANCE, fee_refund.amount),
            Posting(Account.PLATFORM_BALANCE, -fee_refund.amount),
            Posting(Account.EARNINGS, -fee_refund.amount),
            *_fee_back(book.payment, fee_refund.amount),
        ],
        reference=fee_refund.id,
        occurred_at=fee_refund.created,
    )


def post_waiver(book: Book, refund: Refund) -> int:
    """The platform paid a refund itself: it gives its own part up; answers what is left for the creator to owe."""
    key = f"fee_waived:{refund.pk}"
    open_ = payment_sums(book.payment.pk).get(Account.FAN_FUNDS, 0)
    if open_ <= 0 or is_posted(key) or is_posted(f"debt:{refund.pk}"):
        return 0
    waived = min(open_, max(0, _fee_due(book.payment) - sum(_given_back(book.payment))))
    if waived:
        lines = [Posting(Account.FAN_FUNDS, -waived), *_fee_back(book.payment, waived)]
        book.post(EntryKind.FEE_WAIVED, key, lines, reference=refund.stripe_refund_id)
    return open_ - waived


def post_debt(book: Book, debt: Debt) -> None:
    """A creator owes something: for a refund, for a dispute, for a dispute's fee."""
    against = {
        DebtCause.REFUND: Account.FAN_FUNDS,
        DebtCause.DISPUTE: Account.DISPUTE_RESERVE,
        DebtCause.DISPUTE_FEE: Account.DISPUTE_FEES,
    }[DebtCause(debt.cause)]
    lines = [Posting(Account.DEBT, debt.amount), Posting(against, -debt.amount)]
    key = f"debt:{debt.refund_id or debt.pk}"
    book.post(EntryKind.DEBT_MADE, key, lines, reference=str(debt.pk), note=debt.get_cause_display())


def post_manual_settlement(book: Book, settlement: DebtSettlement) -> None:
    """A debt came back in another way, or is forgiven."""
    lines = [Posting(Account.SETTLED_OUTSIDE, settlement.amount), Posting(Account.DEBT, -settlement.amount)]
    key = f"settlement:{settlement.pk}"
    book.post(EntryKind.DEBT_SETTLED, key, lines, reference=str(settlement.debt_id), note=settlement.note)


def post_debt_cancelled(book: Book, debt: Debt, amount: int) -> None:
    """A dispute was won: what is still owed for it is owed no longer."""
    lines = [Posting(Account.DISPUTE_RESERVE, amount), Posting(Account.DEBT, -amount)]
    book.post(EntryKind.DEBT_CANCELLED, f"debt_cancelled:{debt.pk}", lines, reference=str(debt.pk))


def post_forgiveness_returned(book: Book, settlement: DebtSettlement) -> None:
    """A dispute was won: what had been forgiven of its debt was never owed, and costs the platform nothing."""
    lines = [
        Posting(Account.DISPUTE_RESERVE, settlement.amount),
        Posting(Account.SETTLED_OUTSIDE, -settlement.amount),
    ]
    key = f"forgiveness_returned:{settlement.pk}"
    book.post(EntryKind.DEBT_CANCELLED, key, lines, reference=str(settlement.debt_id))


def post_dispute_transaction(book: Book, dispute: Dispute, moved: DisputeTransaction) -> None:
    """The bank's withdrawal or its return, and the fee that goes with it."""
    taken = -moved.amount
    lines = [Posting(Account.DISPUTED, taken), Posting(Account.PLATFORM_BALANCE, -taken)]
    kind, name = (EntryKind.DISPUTE, "dispute") if taken > 0 else (EntryKind.DISPUTE_WON, "dispute_won")
    reference, at = dispute.stripe_dispute_id, moved.created
    book.post(kind, f"{name}:{moved.id}", lines, reference=reference, occurred_at=at)
    fee = [Posting(Account.DISPUTE_FEES, moved.fee), Posting(Account.PLATFORM_BALANCE, -moved.fee)]
    key = f"dispute_fee:{moved.id}"
    book.post(EntryKind.DISPUTE_FEE, key, fee, reference=reference, occurred_at=at)


def post_dispute_lost(book: Book, dispute: Dispute, withdrawn: int) -> None:
    """The fan keeps the money: the creator's share is used up, the platform gives its own up."""
    key, share = f"dispute_lost:{dispute.stripe_dispute_id}", dispute.share or 0
    if is_posted(key):
        return
    lines = [
        Posting(Account.DISPUTE_RESERVE, share),
        *_fee_back(book.payment, withdrawn - share),
        Posting(Account.DISPUTED, -withdrawn),
    ]
    book.post(EntryKind.DISPUTE_LOST, key, lines, reference=dispute.stripe_dispute_id)


def post_restitution(book: Book, transfer: TransferSnapshot, parts: dict[UUID, int]) -> None:
    """A won dispute gives back what was taken from the creator: `parts` by the payment that it was taken from."""
    book.post(
        EntryKind.RESTITUTION,
        f"restitution:{transfer.id}",
        [
            Posting(Account.CREATOR_BALANCE, transfer.amount),
            Posting(Account.PLATFORM_BALANCE, -transfer.amount),
            Posting(Account.DISPUTE_RESERVE, transfer.amount),
            *(Posting(Account.EARNINGS, -amount, payment_id) for payment_id, amount in parts.items()),
        ],
        reference=transfer.id,
        occurred_at=transfer.created,
    )


def _fee_back(payment: Payment, amount: int) -> list[Posting]:
    """Give `amount` of the fee back: of the commission so much that all given back so far is split as the rule says."""
    commission_back, processing_back = _given_back(payment)
    total = commission_back + processing_back + amount
    commission = commission_given_back(
        commission=payment.platform_fee, fee=payment.application_fee, fee_back=total
    )
    now = commission - commission_back
    return [Posting(Account.COMMISSION, now), Posting(Account.PROCESSING_FEES, amount - now)]


def _given_back(payment: Payment) -> tuple[int, int]:
    """What of commission and processing fee was given back so far, in minor units."""
    sums = payment_sums(payment.pk)
    return (
        payment.platform_fee + sums.get(Account.COMMISSION, -payment.platform_fee),
        payment.processing_fee + sums.get(Account.PROCESSING_FEES, -payment.processing_fee),
    )


def _fee_due(payment: Payment) -> int:
    """What of the fee belongs to all that fans have back so far, by refunds and lost disputes, in minor units."""
    refunds = Q(account=Account.FAN_FUNDS, entry__kind__in=(EntryKind.REFUND, EntryKind.REFUND_FAILURE))
    lost = Q(account=Account.DISPUTED, entry__kind=EntryKind.DISPUTE_LOST)
    lines = Line.objects.filter(payment_id=payment.pk).aggregate(
        refunds=Sum("amount", filter=refunds), lost=Sum("amount", filter=lost)
    )
    made = (lines["refunds"] or 0) - (lines["lost"] or 0)
    parts = refunded_parts(
        amount=payment.amount,
        commission=payment.platform_fee,
        processing=payment.processing_fee,
        refunded=max(0, min(made, payment.amount)),
    )
    return parts.commission + parts.processing
