"""Evidence in a dispute: what is known of the booking, put into the parts that Stripe hands to the bank.

The parts and their limits: https://docs.stripe.com/api/disputes/evidence_object; together at most 150,000 characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.backoffice.cells import Text, locale, money_text
from callastar.backoffice.words import MAILS
from callastar.bookings.models import Booking, Transition
from callastar.bookings.rules import refund_ladder
from callastar.core import formats
from callastar.mail.models import EmailLog
from callastar.payments.models import Dispute, RefundStatus

SHORT, LONG = 1_000, 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the evidence: Stripe's name, ours, its size on the page, and the most characters it takes."""

    name: str
    label: Text
    rows: int
    most: int


FIELDS = (
    Part("customer_name", gettext_lazy("Customer’s name"), 1, SHORT),
    Part("customer_email_address", gettext_lazy("Customer’s email address"), 1, SHORT),
    Part("service_date", gettext_lazy("Date of the call"), 1, SHORT),
    Part("product_description", gettext_lazy("What was sold"), 5, LONG),
    Part("access_activity_log", gettext_lazy("The call: what was recorded"), 6, LONG),
    Part(
        "cancellation_policy_disclosure",
        gettext_lazy("Cancellation policy, and how it was accepted"),
        5,
        LONG,
    ),
    Part("refund_policy_disclosure", gettext_lazy("Refund policy, and how it was shown"), 4, LONG),
    Part("refund_refusal_explanation", gettext_lazy("Why no refund is due"), 4, LONG),
    Part("uncategorized_text", gettext_lazy("Emails sent, and anything else"), 10, LONG),
)


def gather(dispute: Dispute) -> dict[str, str]:
    """What is known by itself, in the page's language, by Stripe's names of the parts."""
    booking = (
        Booking.objects.select_related("offer", "creator__user", "fan", "call", "payment")
        .filter(payment=dispute.payment_id)
        .first()
    )
    if booking is None:
        return {}
    return {
        "customer_name": booking.fan.name,
        "customer_email_address": booking.fan.email,
        "service_date": _moment(booking.starts_at),
        "product_description": _product(booking),
        "access_activity_log": "\n".join(_call_log(booking)),
        "cancellation_policy_disclosure": "\n".join(_policy(booking)),
        "refund_policy_disclosure": _(
            "Refunds follow the cancellation policy above, accepted before paying."
        ),
        "uncategorized_text": "\n".join([*_refunds(dispute), *_mails(booking)]),
    }


def _product(booking: Booking) -> str:
    return _(
        "A private one-to-one video call of %(minutes)s minutes with %(creator)s, “%(title)s”, on %(start)s, sold for "
        "%(price)s on Call a Star. Booking %(booking)s, made on %(made)s."
    ) % {
        "minutes": booking.duration_minutes,
        "creator": booking.creator.name,
        "title": booking.offer_title,
        "start": _moment(booking.starts_at),
        "price": money_text(booking.payment.amount, booking.payment.currency),
        "booking": booking.pk,
        "made": _moment(booking.created_at),
    }


def _call_log(booking: Booking) -> Iterator[str]:
    for change in Transition.objects.filter(booking=booking):
        yield _line(change.at, change.get_to_status_display())
    call = booking.call
    if call is None:
        return
    yield _("Call planned from %(start)s to %(end)s.") % {
        "start": _moment(call.starts_at),
        "end": _moment(call.ends_at),
    }
    for room in call.rooms.order_by("ready_at"):
        if room.ready_at:
            yield _line(room.ready_at, _("video room %(room)s ready") % {"room": room.name})


def _policy(booking: Booking) -> Iterator[str]:
    yield _("Shown on the booking page and accepted by the customer with the booking, on %(made)s:") % {
        "made": _moment(booking.created_at)
    }
    for step in refund_ladder(terms=booking.terms, starts_at=booking.starts_at):
        yield _("cancelled until %(until)s: %(percent)s %% refunded") % {
            "until": _moment(step.until),
            "percent": step.percent,
        }
    yield _("cancelled later, or not joined: nothing refunded")


def _refunds(dispute: Dispute) -> Iterator[str]:
    payment = dispute.payment
    for refund in payment.refunds.filter(status=RefundStatus.SUCCEEDED).order_by("created_at"):
        given = money_text(refund.amount, payment.currency)
        yield _line(refund.created_at, _("%(amount)s refunded to the customer") % {"amount": given})


def _mails(booking: Booking) -> Iterator[str]:
    mails = EmailLog.objects.filter(metadata__booking=str(booking.pk), recipient=booking.fan).order_by(
        "created_at"
    )
    for mail in mails.only("subject", "to", "sent_at", "created_at", "status"):
        yield _line(
            mail.sent_at or mail.created_at,
            _("email to %(to)s: “%(subject)s” (%(status)s)")
            % {"to": mail.to, "subject": mail.subject, "status": MAILS.get(mail.status, mail.status)},
        )


def _line(at: datetime, what: object) -> str:
    return f"{_moment(at)} – {what}"


def _moment(at: datetime) -> str:
    return formats.datetime_text(at, timezone.get_current_timezone(), locale(), named=True)
