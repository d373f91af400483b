"""Charges, refunds, transfers, fees and disputes: each as Stripe has it, and as our rows and the journal have it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from callastar.ledger.models import Account, EntryKind
from callastar.ledger.rules import AMOUNT, Side
from callastar.payments.models import Dispute, Refund, RefundStatus
from callastar.payments.rules import refund_status
from callastar.payouts.operations.reconcile.journal import (
    Posted,
    Window,
    posted,
    posted_of_payments,
    references,
    within,
)
from callastar.providers.stripe import disputes, gateway, lists, money
from callastar.providers.stripe.money_types import ApplicationFeeSnapshot, DisputeSnapshot, TransferSnapshot
from callastar.providers.stripe.types import ChargeSnapshot, RefundSnapshot

REFUNDED, BOOKED, RETURNED, MOVED = "refunded", "booked", "returned", "moved"
NO_ROW = "no row"


class Charges:
    """Amount, what was refunded, and Stripe's own fee."""

    noun = "charge"

    def listed(self, window: Window) -> Iterator[Side]:
        """Charges that took money."""
        return (self._theirs(charge) for charge in lists.charges_since(*window) if charge.paid)

    def asked(self, id: str) -> Side:
        """One charge."""
        return self._theirs(gateway.get_charge(charge_id=id))

    def _theirs(self, charge: ChargeSnapshot) -> Side:
        fee = Side(
            noun="stripe_fee", id=charge.id, figures={AMOUNT: charge.fee or 0}, currency=charge.fee_currency
        )
        return Side(
            noun=self.noun,
            id=charge.id,
            figures={AMOUNT: charge.amount, REFUNDED: charge.amount_refunded},
            currency=charge.currency,
            charge=charge.id,
            intent=charge.payment_intent,
            parts=(fee,) if charge.fee else (),
        )

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """Their entries; the refunds of their payments that are under way or made."""
        entries = posted([key for id_ in ids for key in (f"charge:{id_}", f"stripe_fee:{id_}")])
        refunded = _refunded(entry.payment_id for entry in entries.values())
        found = {}
        for id_ in ids:
            if charge := entries.get(f"charge:{id_}"):
                fee = entries.get(f"stripe_fee:{id_}")
                found[id_] = Side(
                    noun=self.noun,
                    id=id_,
                    figures={
                        AMOUNT: charge.of(Account.PLATFORM_BALANCE),
                        REFUNDED: refunded.get(charge.payment_id, 0),
                    },
                    currency=charge.currency,
                    our_id=str(charge.payment_id or charge.key),
                    parts=(_fee_side(fee, id_),) if fee and fee.of(Account.PLATFORM_BALANCE) else (),
                )
        return found

    def known(self, window: Window) -> Iterable[str]:
        """Charges that were posted."""
        return references(window, EntryKind.CHARGE)


def _fee_side(fee: Posted, charge_id: str) -> Side:
    return Side(
        noun="stripe_fee",
        id=charge_id,
        figures={AMOUNT: -fee.of(Account.PLATFORM_BALANCE)},
        currency=fee.currency,
        our_id=fee.key,
    )


def _refunded(payment_ids: Iterable[object]) -> dict[object, int]:
    rows = Refund.objects.filter(
        payment__in={one for one in payment_ids if one},
        status__in=(RefundStatus.PENDING, RefundStatus.SUCCEEDED),
    ).exclude(stripe_refund_id="")
    sums: defaultdict[object, int] = defaultdict(int)
    for payment_id, amount in rows.values_list("payment_id", "amount"):
        sums[payment_id] += amount
    return sums


class Refunds:
    """Amount and status, and whether their money left and came back."""

    noun = "refund"

    def listed(self, window: Window) -> Iterator[Side]:
        """Refunds in any state."""
        return map(self._theirs, lists.refunds_since(*window))

    def asked(self, id: str) -> Side:
        """One refund."""
        return self._theirs(gateway.get_refund(refund_id=id))

    def _theirs(self, refund: RefundSnapshot) -> Side:
        return Side(
            noun=self.noun,
            id=refund.id,
            figures={
                AMOUNT: refund.amount,
                BOOKED: refund.amount if refund.balance_transaction else 0,
                RETURNED: refund.amount if refund.failure_balance_transaction else 0,
            },
            currency=refund.currency,
            status=refund_status(refund.status),
            charge=refund.charge,
            intent=refund.payment_intent,
        )

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """Our rows, and their entries."""
        rows = {
            row.stripe_refund_id: row
            for row in Refund.objects.filter(stripe_refund_id__in=ids).select_related("payment")
        }
        entries = posted([key for id_ in ids for key in (f"refund:{id_}", f"refund_failure:{id_}")])
        found = {}
        for id_ in ids:
            row, left = rows.get(id_), entries.get(f"refund:{id_}")
            if row or left:
                found[id_] = self._side(id_, row, left, entries.get(f"refund_failure:{id_}"))
        return found

    def _side(self, id: str, row: Refund | None, left: Posted | None, back: Posted | None) -> Side:
        booked = -left.of(Account.PLATFORM_BALANCE) if left else 0
        return Side(
            noun=self.noun,
            id=id,
            figures={
                AMOUNT: row.amount if row else booked,
                BOOKED: booked,
                RETURNED: back.of(Account.PLATFORM_BALANCE) if back else 0,
            },
            currency=left.currency if left else row.payment.currency if row else "",
            status=row.status if row else NO_ROW,
            our_id=str(row.pk) if row else left.key if left else "",
        )

    def known(self, window: Window) -> Iterable[str]:
        """Refunds that were posted, and those that only have a row."""
        rows = Refund.objects.filter(within("created_at", window)).exclude(stripe_refund_id="")
        return {
            *references(window, EntryKind.REFUND),
            *rows.values_list("stripe_refund_id", flat=True),
        }


class Transfers:
    """Amount, and every part that was taken back."""

    noun = "transfer"

    def listed(self, window: Window) -> Iterator[Side]:
        """Transfers to connected accounts."""
        return map(self._theirs, lists.transfers_since(*window))

    def asked(self, id: str) -> Side:
        """One transfer."""
        return self._theirs(money.get_transfer(transfer_id=id))

    def _theirs(self, transfer: TransferSnapshot) -> Side:
        return Side(
            noun=self.noun,
            id=transfer.id,
            figures={AMOUNT: transfer.amount},
            currency=transfer.currency,
            account=transfer.destination,
            charge=transfer.source_transaction,
            parts=tuple(
                Side(
                    noun="reversal",
                    id=reversal.id,
                    figures={AMOUNT: reversal.amount},
                    currency=transfer.currency,
                    account=transfer.destination,
                )
                for reversal in transfer.reversals
            ),
        )

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """Entries of transfers with a charge, and of those that gave back after a won dispute."""
        entries = posted([key for id_ in ids for key in (f"transfer:{id_}", f"restitution:{id_}")])
        paid = {key: entry for key, entry in entries.items() if key.startswith("transfer:")}
        reversals = _parts_by_payment(paid.values(), "reversal", EntryKind.TRANSFER_REVERSAL, sign=-1)
        found = {}
        for id_ in ids:
            entry = entries.get(f"transfer:{id_}") or entries.get(f"restitution:{id_}")
            if entry:
                found[id_] = Side(
                    noun=self.noun,
                    id=id_,
                    figures={AMOUNT: entry.of(Account.CREATOR_BALANCE)},
                    currency=entry.currency,
                    our_id=entry.key,
                    parts=tuple(reversals.get(entry.payment_id, ())) if entry.key in paid else (),
                )
        return found

    def known(self, window: Window) -> Iterable[str]:
        """Transfers that were posted."""
        return references(window, EntryKind.TRANSFER, EntryKind.RESTITUTION)


class Fees:
    """The platform's fee on each charge, and every part that went back."""

    noun = "app_fee"

    def listed(self, window: Window) -> Iterator[Side]:
        """Application fees."""
        return map(self._theirs, lists.fees_since(*window))

    def asked(self, id: str) -> Side:
        """One application fee."""
        return self._theirs(money.get_fee(fee_id=id))

    def _theirs(self, fee: ApplicationFeeSnapshot) -> Side:
        return Side(
            noun=self.noun,
            id=fee.id,
            figures={AMOUNT: fee.amount},
            currency=fee.currency,
            charge=fee.charge,
            parts=tuple(
                Side(noun="fee_refund", id=back.id, figures={AMOUNT: back.amount}, currency=fee.currency)
                for back in fee.refunds
            ),
        )

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """The two entries that a fee is posted in."""
        entries = posted([key for id_ in ids for key in (f"commission:{id_}", f"processing:{id_}")])
        refunds = _parts_by_payment(entries.values(), "fee_refund", EntryKind.FEE_REFUND, sign=1)
        found = {}
        for id_ in ids:
            parts = [entries.get(f"{name}:{id_}") for name in ("commission", "processing")]
            if there := [part for part in parts if part]:
                found[id_] = Side(
                    noun=self.noun,
                    id=id_,
                    figures={AMOUNT: sum(part.of(Account.PLATFORM_BALANCE) for part in there)},
                    currency=there[0].currency,
                    our_id=there[0].key,
                    parts=tuple(refunds.get(there[0].payment_id, ())),
                )
        return found

    def known(self, window: Window) -> Iterable[str]:
        """Fees that were posted."""
        return references(window, EntryKind.COMMISSION, EntryKind.PROCESSING_FEE)


def _parts_by_payment(
    owners: Iterable[Posted], noun: str, kind: EntryKind, *, sign: int
) -> dict[object, list[Side]]:
    """Entries of one kind about the owners' payments, as parts with what they moved on the creators' accounts."""
    found: defaultdict[object, list[Side]] = defaultdict(list)
    for key, entry in posted_of_payments((owner.payment_id for owner in owners), kind).items():
        part = Side(
            noun=noun,
            id=key.split(":", 1)[1],
            figures={AMOUNT: sign * entry.of(Account.CREATOR_BALANCE)},
            currency=entry.currency,
            our_id=key,
        )
        found[entry.payment_id].append(part)
    return found


class Disputes:
    """Amount and status, and what the bank withdrew, gave back and took as fees."""

    noun = "dispute"

    def listed(self, window: Window) -> Iterator[Side]:
        """Disputes that were opened."""
        return map(self._theirs, lists.disputes_since(*window))

    def asked(self, id: str) -> Side:
        """One dispute."""
        return self._theirs(disputes.get_dispute(dispute_id=id))

    def _theirs(self, dispute: DisputeSnapshot) -> Side:
        return Side(
            noun=self.noun,
            id=dispute.id,
            figures={AMOUNT: dispute.amount, MOVED: sum(one.net for one in dispute.transactions)},
            currency=dispute.currency,
            status=dispute.status,
            charge=dispute.charge,
            intent=dispute.payment_intent,
        )

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """Our rows, and what their entries did to the platform's balance."""
        rows = list(Dispute.objects.filter(stripe_dispute_id__in=ids).select_related("payment"))
        entries = posted_of_payments(
            {row.payment_id for row in rows},
            EntryKind.DISPUTE,
            EntryKind.DISPUTE_WON,
            EntryKind.DISPUTE_FEE,
        )
        moved: defaultdict[str, int] = defaultdict(int)
        for entry in entries.values():
            moved[entry.reference] += entry.of(Account.PLATFORM_BALANCE)
        return {
            row.stripe_dispute_id: Side(
                noun=self.noun,
                id=row.stripe_dispute_id,
                figures={AMOUNT: row.amount, MOVED: moved[row.stripe_dispute_id]},
                currency=row.payment.currency,
                status=row.status,
                our_id=str(row.pk),
            )
            for row in rows
        }

    def known(self, window: Window) -> Iterable[str]:
        """Disputes that have a row."""
        rows = Dispute.objects.filter(within("opened_at", window))
        return rows.values_list("stripe_dispute_id", flat=True).iterator(chunk_size=1000)


OBJECTS = (Charges(), Transfers(), Fees(), Refunds(), Disputes())
