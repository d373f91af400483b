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
from callastar.documents.receipts import receipt
from callastar.documents.spreadsheets import journal_csv, statement_csv
from callastar.documents.statements import statement_pdf

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
    "journal_csv",
    "receipt",
    "statement_csv",
    "statement_pdf",
]
