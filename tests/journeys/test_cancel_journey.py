"""A fan cancels a paid call in a real browser, without scripts, on the site as it runs in production (BK-7)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.payments.models import Refund
from tests.contract.daily_api import wait_until
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer, make_user
from tests.stripe_people import make_onboarded_creator, pay


def test_a_fan_cancels_without_scripts(visit: Callable[..., Page], at_stripe: SandboxProgram) -> None:
    """BK-7: the exact refund before, the act, and what became of it; the worker gives the money back."""
    creator = make_onboarded_creator(at_stripe, user=make_user(name="Léa Martin", role="CREATOR"))
    fan = make_user(name="Anne")
    offer = make_offer(creator=creator, title="Coffee with Léa")
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    pay(start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id)
    settle_payment(booking_id=booking.pk, now=clock.now())
    page = visit(f"/en/bookings/{booking.pk}", fan, java_script_enabled=False)
    page.get_by_role("link", name="Cancel this call").click()
    expect(page.get_by_text("100 % of €50.00")).to_be_visible()
    page.get_by_label("Why are you cancelling?").fill("I am ill")
    page.get_by_role("button", name="Cancel and get €50.00 back").click()
    expect(page.get_by_text("The call is cancelled. €50.00 goes back to you.")).to_be_visible()
    assert Booking.objects.get().status == BookingStatus.CANCELLED
    assert Refund.objects.values_list("amount", "reason").get() == (5000, "I am ill")
    wait_until(Refund.objects.filter(status="SUCCEEDED").exists)
    page.reload()
    expect(page.get_by_text("given back. Banks take five to ten days")).to_be_visible()
