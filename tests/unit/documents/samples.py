"""A receipt and a statement whose sums are known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from callastar.core.money import Currency, Money
from callastar.documents import (
    Issuer,
    MovementKind,
    PayoutState,
    Receipt,
    ReceiptRefund,
    Statement,
    StatementCall,
    StatementMovement,
    StatementPayout,
)

PARIS = ZoneInfo("Europe/Paris")
MOMENT = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
ISSUER = Issuer(name="Call a Star", support_email="support@callastar.test")


def euros(minor: int) -> Money:
    return Money(minor, Currency.EUR)


RECEIPT = Receipt(
    number="R-2026-000123",
    issuer=ISSUER,
    issued_at=MOMENT + timedelta(days=9),
    paid_at=MOMENT,
    fan_name="Zoé Łukasiewicz",
    fan_email="zoe@fans.test",
    creator_name="Álvaro Ősz",
    call_title="Breathing for the stage",
    call_at=MOMENT + timedelta(days=2),
    call_minutes=30,
    amount=euros(123456),
    payment_reference="pi_3Qabc",
)
REFUNDED = replace(
    RECEIPT,
    refunds=(
        ReceiptRefund(at=MOMENT + timedelta(days=4), amount=euros(50000)),
        ReceiptRefund(at=MOMENT + timedelta(days=5), amount=euros(1)),
    ),
)


def call(number: int = 0, **changes: object) -> StatementCall:
    """Net 8325 cents."""
    usual = StatementCall(
        at=MOMENT + timedelta(minutes=10 * number),
        fan="Zoé",
        reference=f"CAS-{number:04}",
        gross=euros(10000),
        commission=euros(1500),
        processing=euros(175),
        refunds=euros(0),
    )
    return replace(usual, **changes)


def statement(**changes: object) -> Statement:
    """Opens at 123.45; calls bring 83.25 and −40.00, movements −12.00, payouts take 100.00; closes at 54.70."""
    usual = Statement(
        issuer=ISSUER,
        issued_at=MOMENT + timedelta(days=30),
        creator_name="Álvaro Ősz",
        month=date(2026, 3, 1),
        opening=euros(12345),
        closing=euros(5470),
        calls=(
            call(1),
            # A call of February, half of it given back in March.
            call(2, gross=euros(0), commission=euros(-900), processing=euros(-100), refunds=euros(5000)),
        ),
        movements=(
            StatementMovement(
                at=MOMENT, kind=MovementKind.DISPUTE_OPENED, amount=euros(-2000), reference="dp_1"
            ),
            StatementMovement(at=MOMENT, kind=MovementKind.PAYOUT_RETURNED, amount=euros(800)),
        ),
        payouts=(
            StatementPayout(
                at=MOMENT, amount=euros(10000), status=PayoutState.PAID, reference="po_1", deducted=True
            ),
            StatementPayout(
                at=MOMENT, amount=euros(7700), status=PayoutState.FAILED, reference="po_2", deducted=False
            ),
        ),
    )
    return replace(usual, **changes)


def pages(pdf: bytes) -> list[str]:
    """The text of each page. A no-break space counts as a space: only some are kept where lines are wrapped."""
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(BytesIO(pdf)).pages]


def text(pdf: bytes) -> str:
    return "\n".join(pages(pdf))
