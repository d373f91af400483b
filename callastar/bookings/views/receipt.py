"""The receipt of a payment, for the fan who made it."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callastar.accounts.people import person
from callastar.bookings.models import Booking
from callastar.bookings.views.finding import fans_booking
from callastar.core.money import Money
from callastar.documents import Issuer, Receipt, ReceiptRefund
from callastar.documents import receipt as receipt_pdf
from callastar.payments.models import Refund, RefundStatus

PLATFORM = "Call a Star"


@never_cache
@login_required
@require_safe
def receipt(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """A PDF of what was paid and given back; 404 where no money was taken."""
    data = receipt_of(fans_booking(request, booking_id))
    if data is None:
        raise Http404
    locale = "en" if (get_language() or "fr").startswith("en") else "fr"
    body = receipt_pdf(data, locale=locale, zone=person(request).zone)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="receipt-{data.number}.pdf"'
    return response


def receipt_of(booking: Booking) -> Receipt | None:
    """The receipt of a booking's payment; None if it took no money.

    Its date is that of the payment or of the last refund: until another refund comes, it stays the same document.
    """
    payment = booking.payment
    if payment.paid_at is None or payment.is_test:
        return None
    made = list(payment.refunds.filter(status=RefundStatus.SUCCEEDED).order_by("created_at"))
    return Receipt(
        number=f"R-{payment.paid_at:%Y}-{payment.pk.hex[-8:].upper()}",
        issuer=Issuer(name=PLATFORM, support_email=settings.SUPPORT_EMAIL),
        issued_at=max([payment.paid_at, *(refund.created_at for refund in made)]),
        paid_at=payment.paid_at,
        fan_name=booking.fan.name,
        fan_email=booking.fan.email,
        creator_name=booking.creator.user.name,
        call_title=booking.offer_title,
        call_at=booking.starts_at,
        call_minutes=booking.duration_minutes,
        amount=payment.money,
        payment_reference=payment.charge_id or payment.intent_id,
        refunds=tuple(_refund(refund, payment.money) for refund in made),
    )


def _refund(refund: Refund, paid: Money) -> ReceiptRefund:
    return ReceiptRefund(at=refund.created_at, amount=Money(refund.amount, paid.currency))
