"""What payments keep: payments, refunds, disputes, debts."""

from callastar.payments.models.debt import (
    Debt,
    DebtCause,
    DebtSettlement,
    DebtStatus,
    ReversalPurpose,
    SettlementMethod,
    TransferReversal,
)
from callastar.payments.models.dispute import (
    OPEN_DISPUTES,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Restitution,
)
from callastar.payments.models.payment import (
    TAKING_MONEY,
    UNSETTLED,
    IntentState,
    Payment,
    PaymentStatus,
)
from callastar.payments.models.refund import Refund, RefundCause, RefundStatus

__all__ = [
    "OPEN_DISPUTES",
    "TAKING_MONEY",
    "UNSETTLED",
    "Debt",
    "DebtCause",
    "DebtSettlement",
    "DebtStatus",
    "Dispute",
    "DisputeStatus",
    "IntentState",
    "MoveStatus",
    "Payment",
    "PaymentStatus",
    "Refund",
    "RefundCause",
    "RefundStatus",
    "Restitution",
    "ReversalPurpose",
    "SettlementMethod",
    "TransferReversal",
]
