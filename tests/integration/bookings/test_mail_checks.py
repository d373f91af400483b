"""What mails about bookings are asked when they leave (EM-2); reminders have their own tests."""

from collections.abc import Callable
from typing import Any

import pytest

from callastar.bookings.models import Booking, CancelReason
from callastar.bookings.operations.settle import lock_rows, release
from callastar.core import clock
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations import send_email
from callastar.providers.resend import gateway
from tests import bookings
from tests.factories import make_offer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom a provider that takes everything was given mails for."""
    taken: list[str] = []
    monkeypatch.setattr(gateway, "send", lambda *, mail, **_options: taken.append(mail.to) or "mail-1")
    return taken


@pytest.fixture
def declined() -> Booking:
    """A booking that is held, with a mail that asks for another card."""
    return bookings.declined(make_offer(), make_user())


def let_go(booking: Booking) -> None:
    offer, locked, payment = lock_rows(booking.pk)
    release(offer=offer, booking=locked, payment=payment, reason=CancelReason.FAN, now=clock.now())


def pay_slowly(booking: Booking) -> None:
    bookings.stripe_says(booking, "processing")


def send() -> EmailLog:
    email = EmailLog.objects.get(template="payment_failed")
    send_email(email_id=email.pk, now=clock.now())
    email.refresh_from_db()
    return email


def test_who_can_still_pay_is_asked_for_another_card(declined: Booking, provider: list[str]) -> None:
    """EM-5, PA-5."""
    assert send().status == EmailStatus.SENT
    assert provider == [declined.fan.email]


@pytest.mark.parametrize(("meanwhile", "why"), [(let_go, "cancelled"), (pay_slowly, "paid")])
def test_nobody_is_asked_to_pay_what_they_let_go_or_are_paying(
    declined: Booking, provider: list[str], meanwhile: Callable[[Booking], Any], why: str
) -> None:
    """EM-2: the mail waited, and meanwhile the fan has given the booking up, or pays by a transfer."""
    meanwhile(declined)
    email = send()
    assert (email.status, email.skip_reason, provider) == (EmailStatus.SKIPPED, why, [])
