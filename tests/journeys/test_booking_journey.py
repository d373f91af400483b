"""A fan books a creator, pays and calls, in a real browser, on the site as it runs in production."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import FrameLocator, Page, Response, expect

from callastar.accounts.models import User
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.notifications.operations import mark_all_read
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import PASSWORD, make_offer, make_user
from tests.notifications import tell
from tests.stripe_people import intents, make_onboarded_creator, pay

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}
PAID, DECLINED, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002760003184"


@pytest.fixture
def creator(site: str, at_stripe: SandboxProgram) -> Creator:
    user = make_user(name="Léa Martin", role="CREATOR")
    return make_onboarded_creator(at_stripe, user=user, slug="lea")


@pytest.fixture
def offer(creator: Creator) -> CallOffer:
    return make_offer(creator=creator, title="Coffee with Léa")


@pytest.fixture
def fan(site: str) -> User:
    return make_user(name="Anne", password=PASSWORD)


def test_a_fan_signs_in_books_and_pays(visit: Visit, offer: CallOffer, fan: User) -> None:
    """BK-1, UI-5: from the offer over signing in to a confirmed call, on a phone."""
    page = visit(f"/en/book/{offer.pk}", **PHONE)
    page.get_by_role("link", name="Sign in to book").click()
    page.get_by_label("Email").fill(fan.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Book and pay").click()
    expect(page.get_by_role("heading", name="Payment", exact=True)).to_be_visible()
    type_card(page, PAID)
    page.get_by_role("button", name="Pay €50.00").click()
    expect(page.get_by_role("heading", name="Your call is booked")).to_be_visible()
    assert "secret" not in page.url
    page.get_by_role("link", name="See my booking").click()
    expect(page.locator("main").get_by_text("Confirmed", exact=True)).to_be_visible()
    assert Booking.objects.get().status == BookingStatus.CONFIRMED


def test_declined_then_paid_after_coming_back(
    visit: Visit, offer: CallOffer, fan: User, at_stripe: SandboxProgram
) -> None:
    """PA-2, PA-5: declined in the fan's language, the browser closed and reopened, 3-D Secure: one intent all along."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    page = visit(f"/fr/bookings/{booking.pk}/pay", fan)
    type_card(page, DECLINED)
    page.get_by_role("button", name="Payer").click()
    expect(page.locator("[data-pay-error]")).to_contain_text("Votre carte a été refusée.")
    page.close()
    page = visit(f"/fr/bookings/{booking.pk}/pay", fan)
    type_card(page, THREE_D_SECURE)
    page.get_by_role("button", name="Payer").click()
    page.frame_locator("dialog iframe").get_by_role("button", name="Réussir").click()
    expect(page.get_by_role("heading", name="Votre appel est réservé")).to_be_visible()
    assert len(intents(at_stripe)) == 1


def test_a_slow_payment_is_explained(visit: Visit, offer: CallOffer, fan: User) -> None:
    """PA-5, BK-5: a direct debit is on its way; when the money arrives the page says so by itself."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    page = visit(f"/en/bookings/{booking.pk}/pay", fan)
    fields = payment_fields(page)
    fields.get_by_role("tab", name="SEPA").click()
    fields.get_by_label("IBAN").fill("AT611904300234573201")
    page.get_by_role("button", name="Pay €50.00").click()
    expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
    expect(page.get_by_role("heading", name="Your call is booked")).to_be_visible(timeout=20_000)


def test_giving_up(visit: Visit, offer: CallOffer, fan: User) -> None:
    """BK-4: a fan lets the call go before the hold lapses, after being asked once."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    page = visit(f"/en/bookings/{booking.pk}/pay", fan)
    page.get_by_role("button", name="Give this call up").click()
    page.get_by_role("button", name="Yes, continue").click()
    expect(page.get_by_role("heading", name="Léa Martin")).to_be_visible()
    expect(page.get_by_text("Nothing was charged.").first).to_be_visible()
    offer.refresh_from_db()
    assert offer.status == "AVAILABLE"


def test_the_hold_ends_before_ones_eyes(visit: Visit, offer: CallOffer, fan: User) -> None:
    """BK-4, UI-7: the countdown ends, the form goes, the reader is told."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    Booking.objects.filter(pk=booking.pk).update(hold_expires_at=clock.now() + timedelta(seconds=10))
    page = visit(f"/en/bookings/{booking.pk}/pay", fan)
    expect(page.get_by_role("heading", name="The time to pay is over")).to_be_focused(timeout=30_000)
    expect(page.locator("#live-assertive")).to_contain_text("The time to pay is over.")
    expect(page.get_by_role("button", name="Pay €50.00")).to_be_hidden()


def test_others_see_it_booked_at_once(visit: Visit, offer: CallOffer, fan: User) -> None:
    """UI-4, BK-2: the page and the list of somebody else lock; what else is free is proposed, and one may stay.

    NO-1: the bell of the one who looks on counts what they are told meanwhile; read elsewhere, it is quiet.
    """
    other_offer = make_offer(creator=offer.creator, title="Another coffee")
    looker = make_user()
    page, the_list = visit(f"/en/book/{offer.pk}", looker), visit("/en/creators/lea")
    watching(page, the_list)
    reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now())
    expect(page.get_by_role("heading", name="Already booked")).to_be_visible()
    row = the_list.locator(f"[data-offer-id='{offer.pk}']")
    expect(row.get_by_text("Already booked")).to_be_visible()
    expect(row.get_by_role("link")).to_have_count(0)
    expect(page.locator("#live-assertive")).to_contain_text("Somebody was faster")
    expect(page.get_by_role("link", name=re.compile("Another coffee"))).to_have_attribute(
        "href", f"/en/book/{other_offer.pk}"
    )
    page.get_by_role("button", name="Stay here").click()
    expect(page.locator("[data-auto-return]")).to_be_hidden()
    tell(looker)
    bell = page.locator("[data-bell]")
    expect(bell).to_have_accessible_name("Notifications, unread: 1")
    expect(page.locator("#live-polite")).to_contain_text("Notifications, unread: 1")
    expect(bell.locator("[data-bell-count]")).to_have_text("1")
    mark_all_read(user=looker, now=clock.now())
    expect(bell).to_have_accessible_name("Notifications")
    expect(bell.locator("[data-bell-count]")).to_be_hidden()


def test_free_again(visit: Visit, offer: CallOffer, fan: User) -> None:
    """UI-4, BK-4: whoever waits on the page can book when the hold is given up."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    page, the_list = visit(f"/en/book/{offer.pk}", make_user()), visit("/en/creators/lea")
    watching(page, the_list)
    mine = visit(f"/en/bookings/{booking.pk}", fan)
    mine.get_by_role("button", name="Give this call up").click()
    mine.get_by_role("button", name="Yes, continue").click()
    expect(page.get_by_role("button", name="Book and pay")).to_be_visible()
    expect(the_list.locator(f"[data-offer-id='{offer.pk}']").get_by_role("link")).to_be_visible()


def test_going_back_to_the_list(visit: Visit, offer: CallOffer, fan: User) -> None:
    """UI-4: who does nothing is taken back to the creator's times."""
    page = visit("/en/creators", make_user())
    page.clock.install()
    page.goto(page.url.replace("/creators", f"/book/{offer.pk}"))
    watching(page)
    reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now())
    expect(page.locator("[data-auto-return]")).to_be_visible()
    page.clock.run_for(21_000)
    page.wait_for_url("**/en/creators/lea")


def test_without_the_stream_the_page_asks(visit: Visit, offer: CallOffer, fan: User) -> None:
    """UI-4: polling takes over where server-sent events are cut off."""
    page = visit("/en/creators", make_user())
    page.route("**/events*", lambda route: route.abort())
    page.goto(page.url.replace("/creators", f"/book/{offer.pk}"))
    reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now())
    expect(page.get_by_role("heading", name="Already booked")).to_be_visible(timeout=30_000)


def test_two_minutes_before_the_end(visit: Visit, offer: CallOffer, fan: User) -> None:
    """CA-4, UI-7: the warning is seen and heard."""
    booking = confirmed_soon(offer, fan)
    CallOffer.objects.filter(pk=offer.pk).update(ends_at=clock.now() + timedelta(seconds=125))
    page = visit(f"/en/call/{booking.pk}", fan, permissions=["camera", "microphone"])
    page.get_by_role("button", name="Join the call").click()
    expect(page.get_by_text("Two minutes left: time to say goodbye.").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("[data-call-warning]")).to_be_hidden()


def test_the_room_is_late(visit: Visit, offer: CallOffer, fan: User, at_daily: SandboxProgram) -> None:
    """CA-4: while the room cannot be made the page says so and tries again by itself."""
    booking = confirmed_soon(offer, fan)
    at_daily.control("POST", "faults", {"match": "POST /v1", "kind": "500", "times": 8})
    page = visit(f"/en/call/{booking.pk}", fan)
    page.get_by_role("button", name="Join the call").click()
    expect(page.get_by_role("heading", name="One moment, please")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-call-frame] iframe")).to_be_visible(timeout=40_000)


# The crawl of every page covers the other two combinations.
@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("fr", "light")])
def test_accessible(
    visit: Visit, axe: Callable[[Page], list[str]], offer: CallOffer, fan: User, theme: str, language: str
) -> None:
    """UI-7, UI-6, UI-1: axe finds nothing in either theme and language, and nothing is wider than a phone."""
    held = reserve_offer(offer_id=make_offer(creator=offer.creator).pk, fan=fan, now=clock.now()).booking
    paid = confirmed_soon(make_offer(creator=offer.creator), fan)
    mine = [
        f"book/{offer.pk}",
        f"book/{held.offer_id}",
        f"bookings/{held.pk}/pay",
        f"bookings/{held.pk}/return",
    ]
    mine += [f"bookings/{paid.pk}/return", "bookings", "bookings?view=past", f"bookings/{paid.pk}"]
    mine += [f"call/{paid.pk}", f"call/{held.pk}"]
    theirs = ["dashboard/creator/bookings", f"bookings/{paid.pk}", f"book/{offer.pk}"]
    other = [f"book/{held.offer_id}"]
    for person, paths in ((fan, mine), (offer.creator.user, theirs), (make_user(), other)):
        page = visit(f"/{language}/bookings", person, color_scheme=theme, **PHONE)
        for path in paths:
            page.goto(page.url.split(f"/{language}/")[0] + f"/{language}/{path}")
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_all_by_keyboard(visit: Visit, offer: CallOffer, fan: User) -> None:
    """UI-7: a fan books without a mouse."""
    page = visit(f"/en/book/{offer.pk}", fan)
    page.get_by_role("button", name="Book and pay").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay")
    assert Payment.objects.count() == 1


def payment_fields(page: Page) -> FrameLocator:
    """The Payment Element's fields, once they are there."""
    expect(page.locator("[data-pay-loading]")).to_be_hidden()
    return page.frame_locator("[data-pay-element] iframe")


def type_card(page: Page, number: str) -> None:
    fields = payment_fields(page)
    fields.locator("#field-number").fill(number)
    fields.locator("#field-expiry").fill("12 / 34")
    fields.locator("#field-cvc").fill("123")


def watching(*pages: Page) -> None:
    """Look again and wait until the page's stream is open: it asks for nothing itself as long as that is so."""

    def is_stream(answer: Response) -> bool:
        return "/events" in answer.url and "/notifications/" not in answer.url and answer.ok

    for page in pages:
        with page.expect_response(is_stream):
            page.reload()


def confirmed_soon(offer: CallOffer, fan: User) -> Booking:
    """A paid booking whose call begins in a minute."""
    starts_at = clock.now() + timedelta(minutes=1)
    CallOffer.objects.filter(pk=offer.pk).update(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=offer.duration_minutes)
    )
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    pay(start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id)
    return settle_payment(booking_id=booking.pk, now=clock.now())
