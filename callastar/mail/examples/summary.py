"""Examples of the summary of a day."""

from datetime import date, timedelta

from callastar.core.money import Currency, Money
from callastar.mail.examples.scene import WRITTEN_AT, Makes, Scene
from callastar.mail.summary_messages import DaySummary, Figure, daily_summary_admin

_ADMIN = "dashboard/admin"
_FULL = DaySummary(
    bookings=(
        Figure(what="made", count=42),
        Figure(what="confirmed", count=31),
        Figure(what="held", count=28),
        Figure(what="cancelled", count=3),
        Figure(what="unpaid", count=8),
    ),
    money={
        currency: {
            "charged": Money(charged, Currency(currency)),
            "refunded": Money(charged // 10, Currency(currency)),
            "commission": Money(charged // 7, Currency(currency)),
            "result": Money(result, Currency(currency)),
            "paid_out": Money(charged // 2, Currency(currency)),
        }
        for currency, charged, result in (("EUR", 1234500, 169870), ("CHF", 98000, -1250))
    },
    payouts=(
        Figure(what="payouts_requested", count=2),
        Figure(what="payouts_paid", count=12),
        Figure(what="payouts_failed", count=1, path=f"{_ADMIN}/payouts/payout/?status__exact=FAILED"),
    ),
    failures=(
        Figure(what="runs", count=1, path=f"{_ADMIN}/jobs/cronexecution/?status__exact=failure"),
        Figure(what="jobs", count=1),
        Figure(what="payments", count=4, path=f"{_ADMIN}/payments/payment/?status__exact=FAILED"),
        Figure(what="refunds", count=1, path=f"{_ADMIN}/payments/refund/?status__exact=FAILED"),
        Figure(what="transfers", count=1, path=f"{_ADMIN}/payments/payment/"),
        Figure(what="mails_failed", count=2, path=f"{_ADMIN}/mail/emaillog/?status=failed"),
        Figure(what="mails_bounced", count=3, path=f"{_ADMIN}/mail/emaillog/?status=bounced"),
        Figure(what="mails_complained", count=1, path=f"{_ADMIN}/mail/emaillog/?status=complained"),
        Figure(what="disputes", count=1, path=f"{_ADMIN}/payments/dispute/"),
    ),
    waiting=(
        Figure(what="alerts", count=1, path=f"{_ADMIN}/jobs/alert/?open=yes"),
        Figure(what="outcomes", count=2, path=f"{_ADMIN}/bookings/booking/"),
        Figure(what="approvals", count=2, path=f"{_ADMIN}/payouts/payout/?status__exact=REQUESTED"),
        Figure(what="answers", count=1, path=f"{_ADMIN}/payments/dispute/"),
        Figure(what="refunds_to_mend", count=1, path=f"{_ADMIN}/payments/refund/?status__exact=FAILED"),
        Figure(what="events", count=1, path=f"{_ADMIN}/webhooks/webhookevent/?status=parked"),
    ),
)
_QUIET = DaySummary(bookings=(), money={}, payouts=(), failures=(), waiting=())


def summary(scene: Scene) -> Makes:
    """A day with all of it, and one without anything."""
    about = {"day": date(2026, 2, 28), "expires_at": WRITTEN_AT + timedelta(days=1)}
    return {
        "daily_summary_admin": (daily_summary_admin, {**about, "summary": _FULL}),
        "daily_summary_admin, a quiet day": (daily_summary_admin, {**about, "summary": _QUIET}),
    }
