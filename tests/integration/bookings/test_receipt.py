"""The receipt of a payment: LE-4."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from callastar.bookings.models import Booking
from callastar.bookings.views.receipt import receipt_of
from callastar.core import clock
from callastar.offers.models import CallOffer
from tests import bookings, earnings
from tests.factories import make_admin, make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db


def get(user, booking_id, locale="en"):
    client = Client()
    client.force_login(user)
    return client.get(f"/{locale}/bookings/{booking_id}/receipt.pdf")


def words(answer) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    return text.replace("\xa0", " ")


def test_a_payment_and_its_refunds_are_on_paper():
    """LE-4: the whole price, what came back and what is left, in the page's language; the same bytes each time."""
    fan = make_user(name="Noa Quill")
    money = earnings.earn(make_creator(), price=10_000, fan=fan, title="Kora and oud")
    money.refund(3_000, at=clock.now())
    booking = Booking.objects.get(payment=money.payment_id)
    answer = get(fan, booking.pk)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    paper = words(answer)
    for said in ("Noa Quill", "Kora and oud", "€100.00", "-€30.00", "€70.00", money.payment.charge_id):
        assert said in paper.replace("−", "-"), said
    assert "100,00 €" in words(get(fan, booking.pk, "fr"))
    assert get(fan, booking.pk).content == answer.content
    client = Client()
    client.force_login(fan)
    assert (
        f"/en/bookings/{booking.pk}/receipt.pdf" in client.get(f"/en/bookings/{booking.pk}").content.decode()
    )


def test_it_shows_the_call_as_it_was_booked():
    """LE-4: the fan gave it up, it was paid late and given back; its creator sells the time as something else."""
    fan = make_user()
    offer = make_offer(title="Kora and oud", duration_minutes=45)
    booking = bookings.paid_too_late(offer, fan, make_user())
    CallOffer.objects.filter(pk=offer.pk).update(
        title="Something else",
        duration_minutes=20,
        starts_at=offer.starts_at + timedelta(days=40),
        ends_at=offer.starts_at + timedelta(days=40, minutes=20),
    )
    data = receipt_of(Booking.objects.get(pk=booking.pk))
    assert data is not None
    assert (data.call_title, data.call_minutes, data.call_at) == ("Kora and oud", 45, booking.starts_at)


def test_there_is_none_for_others_nor_where_no_money_was_taken():
    """LE-4: only the fan's own, and only of a payment that took money."""
    fan, creator = make_user(), make_creator()
    paid = bookings.confirmed(make_offer(creator=creator), fan)
    for somebody in (creator.user, make_user(), make_admin()):
        assert get(somebody, paid.pk).status_code == 404
    assert get(fan, paid.pk).status_code == 200
    for unpaid in (bookings.held, bookings.declined, bookings.processing, bookings.lapsed):
        booking = unpaid(make_offer(creator=creator), fan)
        assert get(fan, booking.pk).status_code == 404
        client = Client()
        client.force_login(fan)
        assert "receipt.pdf" not in client.get(f"/en/bookings/{booking.pk}").content.decode()
    assert Client().get(f"/en/bookings/{paid.pk}/receipt.pdf").status_code == 302
