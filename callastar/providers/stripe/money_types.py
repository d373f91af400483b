"""What this product knows of money that has moved at Stripe: plain values, no vendor types.

Amounts are in minor units, currencies in capitals, times in UTC; lists inside an object are complete, oldest first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from callastar.providers.stripe.types import RefundSnapshot


@dataclass(frozen=True, slots=True)
class ReversalSnapshot:
    """Part of a transfer that was taken back; `source_refund` names the refund it came with, if with one."""

    id: str
    transfer: str
    amount: int
    source_refund: str
    metadata: dict[str, str]
    created: datetime


@dataclass(frozen=True, slots=True)
class TransferSnapshot:
    """Money moved to a connected account; `source_transaction` is the charge it came from, if from one."""

    id: str
    amount: int
    currency: str
    destination: str
    amount_reversed: int
    source_transaction: str
    reversals: tuple[ReversalSnapshot, ...]
    metadata: dict[str, str]
    created: datetime


@dataclass(frozen=True, slots=True)
class FeeRefundSnapshot:
    """Part of an application fee that went back to the connected account."""

    id: str
    fee: str
    amount: int
    created: datetime


@dataclass(frozen=True, slots=True)
class ApplicationFeeSnapshot:
    """The platform's fee on one charge; `charge` is the platform's own, not its copy on the connected account."""

    id: str
    amount: int
    amount_refunded: int
    refunds: tuple[FeeRefundSnapshot, ...]
    charge: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class DisputeTransaction:
    """What a dispute did to the platform's balance: `amount` is negative when withdrawn; `net` = amount - fee."""

    id: str
    amount: int
    fee: int
    net: int
    currency: str
    created: datetime
    type: str
    reporting_category: str


@dataclass(frozen=True, slots=True)
class DisputeSnapshot:
    """A dispute as Stripe shows it, in Stripe's words for `status` and `reason`."""

    id: str
    charge: str
    payment_intent: str
    amount: int
    currency: str
    status: str
    reason: str
    evidence_due_by: datetime | None
    has_evidence: bool
    submission_count: int
    is_charge_refundable: bool
    transactions: tuple[DisputeTransaction, ...]
    created: datetime
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class ChargeMoney:
    """Everything that has happened to the money of one charge.

    `fee` (Stripe's own, in minor units of `fee_currency`), `transfer` and `application_fee` are None until Stripe
    has settled the charge, moments after it was paid.
    """

    id: str
    payment_intent: str
    amount: int
    currency: str
    created: datetime
    paid: bool
    disputed: bool
    amount_refunded: int
    balance_transaction: str
    fee: int | None
    fee_currency: str
    transfer: TransferSnapshot | None
    application_fee: ApplicationFeeSnapshot | None
    refunds: tuple[RefundSnapshot, ...]
    disputes: tuple[DisputeSnapshot, ...]


@dataclass(frozen=True, slots=True)
class BalanceSnapshot:
    """What an account has at Stripe, by currency; below zero when it owes.

    `reserved` is what Stripe holds on the platform's account for negative balances of connected ones.
    """

    available: Mapping[str, int]
    pending: Mapping[str, int]
    reserved: Mapping[str, int] = field(default_factory=dict)

    def total(self, currency: str) -> int:
        """All of it in one currency, whether it can be used yet or not."""
        return sum(each.get(currency, 0) for each in (self.available, self.pending, self.reserved))


@dataclass(frozen=True, slots=True)
class PayoutSnapshot:
    """A payout as Stripe shows it: `pending`, `in_transit`, `paid`, `failed` or `canceled`.

    `account` is the connected account it left, empty for the platform's own. Stripe may call a payout paid and find
    within five working days that it failed (https://docs.stripe.com/api/payouts/object#payout_object-status).
    """

    id: str
    account: str
    amount: int
    currency: str
    status: str
    arrival_date: datetime
    created: datetime
    failure_code: str
    failure_message: str
    destination: str
    metadata: dict[str, str]
    automatic: bool
    balance_transaction: str
    failure_balance_transaction: str


@dataclass(frozen=True, slots=True)
class BankAccountSnapshot:
    """A bank account that payouts go to; `status` is `errored` once a payout to it has failed for good."""

    id: str
    currency: str
    last4: str
    bank_name: str
    country: str
    status: str
    default_for_currency: bool
