"""Money on paper: receipts, statements and the journal, written from plain values in a reader's language."""

from callastar.documents.data import (
    Issuer,
    JournalRow,
    MovementKind,
    PayoutState,
    Receipt,
    ReceiptRefund,
    Statement,
    StatementCall,
    StatementMovement,
    StatementPayout,
)

__all__ = [
    "Issuer",
    "JournalRow",
    "MovementKind",
    "PayoutState",
    "Receipt",
    "ReceiptRefund",
    "Statement",
    "StatementCall",
    "StatementMovement",
    "StatementPayout",
]
