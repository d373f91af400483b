"""The pages of booking, paying, one's bookings and the call, without a browser."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from icalendar import Calendar

from callastar.accounts.models import User
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.lapse import expire_hold
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.calls.models import Call
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment, PaymentStatus
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.stripe_people import pay

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 5


@pytest.fixture
def fan() -> User:
    return make_user(name="Anne")


@pytest.fixture
def offer() -> CallOffer:
    return make_offer(creator=make_creator())


def as_(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
        User.objects.filter(pk=person.pk).update(last_seen_at=clock.now())
    return client


def held(offer: CallOffer, fan: User) -> Booking:
    return reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking


def paid(creator: Creator, fan: User) -> Booking:
    booking = held(make_offer(creator=creator), fan)
    pay(start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id)
    return settle_payment(booking_id=booking.pk, now=clock.now())


def move(booking: Booking, *, minutes: int) -> None:
    """Let the call begin in so many minutes."""
    starts_at = clock.now() + timedelta(minutes=minutes)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=30)}
    CallOffer.objects.filter(pk=booking.offer_id).update(**times)
    Call.objects.filter(pk=booking.call_id).update(**times)
    Booking.objects.filter(pk=booking.pk).update(starts_at=starts_at)


class TestOffer:
    """BK-1, BK-3, UI-3: the page of an offer."""

    def test_booking_leads_to_paying(self, offer: CallOffer, fan: User) -> None:
        answer = as_(fan).post(f"/en/book/{offer.pk}")
        booking = Booking.objects.get()
        assert (answer.status_code, answer.url) == (302, f"/en/bookings/{booking.pk}/pay")

    def test_again_is_the_same_booking(self, offer: CallOffer, fan: User) -> None:
        """BK-3."""
        first, second = (as_(fan).post(f"/en/book/{offer.pk}").url for _ in range(2))
        assert first == second
        assert Booking.objects.count() == 1

    def test_guests_sign_in_and_come_back(self, offer: CallOffer) -> None:
        answer = as_(None).post(f"/fr/book/{offer.pk}")
        assert answer.url == f"/fr/account/login/?next=/fr/book/{offer.pk}"
        page = as_(None).get(f"/fr/book/{offer.pk}").content.decode()
        assert f"/fr/account/login/?next=/fr/book/{offer.pk}" in page
        assert not Booking.objects.exists()

    def test_what_is_booked_for_how_much_on_which_terms(self, offer: CallOffer) -> None:
        """UI-2, UI-5, BK-7: the zone is named, the refunds have their dates."""
        client = as_(None)
        client.cookies["tz"] = "America/New_York"
        page = client.get(f"/en/book/{offer.pk}").content.decode()
        assert "New York time" in page
        assert "€50.00" in page
        assert "100 % back" in page
        assert "50 % back" in page

    def test_taken_by_somebody_else(self, offer: CallOffer, fan: User) -> None:
        """BK-1, UI-4: 409, the reason, and what else is free, the same creator's first."""
        alike = make_offer(creator=make_creator(), title="Alike")
        same = make_offer(creator=offer.creator, title="The same creator")
        held(offer, make_user())
        answer = as_(fan).post(f"/en/book/{offer.pk}")
        assert answer.status_code == 409
        assert "Somebody was faster" in answer.content.decode()
        assert [each.pk for each in answer.context["similar"]] == [same.pk, alike.pk]
        assert Booking.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "status", "words"),
        [
            ({"status": "CANCELLED"}, 409, "Cet appel n’est plus proposé."),
            ({"starts_at": "past"}, 409, "L’heure de cet appel est passée."),
            ({"reserved_for": "other"}, 409, "Cet appel est réservé à quelqu’un d’autre."),
        ],
    )
    def test_refusals(
        self, offer: CallOffer, fan: User, change: dict[str, object], status: int, words: str
    ) -> None:
        """BK-1: each says why, seeing the page or posting it, and changes nothing."""
        values = {
            **change,
            **({"starts_at": clock.now() - timedelta(minutes=1)} if "starts_at" in change else {}),
            **({"reserved_for": make_user()} if "reserved_for" in change else {}),
        }
        CallOffer.objects.filter(pk=offer.pk).update(**values)
        for answer, wanted in (
            (as_(fan).get(f"/fr/book/{offer.pk}"), 200),
            (as_(fan).post(f"/fr/book/{offer.pk}"), status),
        ):
            assert answer.status_code == wanted
            assert answer.context["situation"].explanation in answer.content.decode()
            assert f'action="/fr/book/{offer.pk}"' not in answer.content.decode()
        assert not Booking.objects.exists()

    def test_ones_own_offer(self, offer: CallOffer) -> None:
        user = offer.creator.user
        assert "This is your own offer" in as_(user).get(f"/en/book/{offer.pk}").content.decode()
        assert as_(user).post(f"/en/book/{offer.pk}").status_code == 409

    def test_whoever_holds_it_is_led_to_paying(self, offer: CallOffer, fan: User) -> None:
        booking = held(offer, fan)
        page = as_(fan).get(f"/en/book/{offer.pk}/panel").content.decode()
        assert f"/en/bookings/{booking.pk}/pay" in page

    def test_unknown_and_hidden_offers(self, fan: User) -> None:
        """PE-2: offers of a creator who cannot be paid are there for the creator alone."""
        hidden = make_offer(creator=make_creator(payable=False))
        for offer_id in (uuid4(), hidden.pk):
            assert as_(fan).get(f"/en/book/{offer_id}").status_code == 404
        assert as_(fan).post(f"/en/book/{uuid4()}").status_code == 404
        assert as_(fan).post(f"/en/book/{hidden.pk}").status_code == 409
        assert as_(hidden.creator.user).get(f"/en/book/{hidden.pk}").status_code == 200


class TestStates:
    """UI-4: what lists ask where they cannot stream."""

    def test_conditional(self, offer: CallOffer, fan: User) -> None:
        address = f"/api/call-offers/states?creator={offer.creator_id}"
        first = as_(None).get(address)
        assert first.json() == {str(offer.pk): "AVAILABLE"}
        again = as_(None).get(address, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        held(offer, fan)
        news = as_(None).get(address, headers={"If-None-Match": first["ETag"]})
        assert news.json() == {str(offer.pk): "BOOKED"}
        assert as_(None).get(f"/api/call-offers/states?creator={10**30}").status_code == 422


class TestPaying:
    """BK-4, PA-2, PA-5, UI-5."""

    def test_the_form(self, offer: CallOffer, fan: User, settings) -> None:
        booking = held(offer, fan)
        answer = as_(fan).get(f"/fr/bookings/{booking.pk}/pay")
        page = answer.content.decode()
        assert f'<script src="{settings.STRIPE_JS_URL}" defer>' in page
        assert booking.hold_expires_at.astimezone(fan.zone).strftime("%Y-%m-%dT%H:%M") in page
        assert "JavaScript" in page
        assert "no-store" in answer["Cache-Control"]

    def test_is_the_fans_affair(self, offer: CallOffer, fan: User) -> None:
        """PE-3: 404 for everybody else, creator and admin included."""
        booking = held(offer, fan)
        for person in (make_user(), offer.creator.user, make_admin()):
            for path in ("pay", "return"):
                assert as_(person).get(f"/en/bookings/{booking.pk}/{path}").status_code == 404
            assert as_(person).post(f"/en/bookings/{booking.pk}/give-up").status_code == 404
        booking.refresh_from_db()
        assert booking.status == BookingStatus.PENDING

    def test_over_leads_to_the_booking(self, offer: CallOffer, fan: User) -> None:
        booking = held(offer, fan)
        Booking.objects.filter(pk=booking.pk).update(hold_expires_at=clock.now())
        assert as_(fan).get(f"/en/bookings/{booking.pk}/pay").url == f"/en/bookings/{booking.pk}"
        expire_hold(booking_id=booking.pk, now=clock.now() + timedelta(seconds=1))
        page = as_(fan).get(f"/en/bookings/{booking.pk}").content.decode()
        assert "The time to pay is over" in page
        assert f"/en/book/{offer.pk}" in page

    def test_giving_up(self, offer: CallOffer, fan: User) -> None:
        """BK-4: without a script, too."""
        booking = held(offer, fan)
        answer = as_(fan).post(f"/en/bookings/{booking.pk}/give-up")
        assert answer.url == f"/en/creators/{offer.creator.slug}"
        offer.refresh_from_db()
        assert offer.status == "AVAILABLE"

    def test_the_return_asks_stripe(self, creator: Creator, fan: User) -> None:
        """BK-5, PA-5: what the address says is neither believed nor kept."""
        booking = held(make_offer(creator=creator), fan)
        intent = start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id
        here = f"/en/bookings/{booking.pk}/return"
        claimed = as_(fan).get(f"{here}?redirect_status=succeeded&payment_intent_client_secret=x")
        assert claimed.url == here
        assert "The payment is not finished" in as_(fan).get(here).content.decode()
        pay(intent, "pm_card_visa_chargeDeclined")
        assert "The payment did not go through" in as_(fan).get(here).content.decode()
        pay(intent)
        assert "Your call is booked" in as_(fan).get(here).content.decode()

    def test_stripe_is_silent(self, creator: Creator, fan: User, at_stripe: SandboxProgram) -> None:
        """PA-5: the page says that it is checking; without scripts one asks again by a link."""
        booking = held(make_offer(creator=creator), fan)
        start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
        at_stripe.control("POST", "faults", {"match": "* /v1", "kind": "500", "times": 20})
        page = as_(fan).get(f"/en/bookings/{booking.pk}/return").content.decode()
        assert "We are checking your payment" in page
        assert "<noscript>" in page
        assert "Check again" in page

    @pytest.mark.parametrize(
        ("status", "reason", "money", "words"),
        [
            (BookingStatus.PENDING, "", PaymentStatus.PROCESSING, "Votre paiement est en route"),
            (BookingStatus.CANCELLED, "hold_lapsed", PaymentStatus.REFUNDED, "Votre argent vous revient"),
            (BookingStatus.CANCELLED, "hold_lapsed", PaymentStatus.PENDING, "Le temps pour payer est écoulé"),
            (BookingStatus.CANCELLED, "fan", PaymentStatus.PENDING, "Cette réservation a été annulée"),
        ],
    )
    def test_outcomes(
        self, offer: CallOffer, fan: User, status: str, reason: str, money: str, words: str
    ) -> None:
        """BK-5, UI-6: each end has its words."""
        booking = held(offer, fan)
        cancelled_at = clock.now() if reason else None
        Booking.objects.filter(pk=booking.pk).update(
            status=status, cancel_reason=reason, cancelled_at=cancelled_at
        )
        Payment.objects.filter(pk=booking.payment_id).update(status=money)
        assert words in as_(fan).get(f"/fr/bookings/{booking.pk}/return").content.decode()


class TestLists:
    """UI-3, PE-3: one's bookings and those of one's fans."""

    def test_a_fans_calls(self, offer: CallOffer, fan: User) -> None:
        booking = held(offer, fan)
        coming = as_(fan).get("/en/bookings").content.decode()
        assert f"/en/bookings/{booking.pk}/pay" in coming
        assert "No past calls yet" in as_(fan).get("/en/bookings?view=past").content.decode()
        assert "No call planned yet" in as_(make_user()).get("/en/bookings").content.decode()

    def test_a_creators_calls(self, offer: CallOffer, fan: User) -> None:
        held(offer, fan)
        assert "Anne" in as_(offer.creator.user).get("/en/dashboard/creator/bookings").content.decode()
        assert as_(fan).get("/en/dashboard/creator/bookings").status_code == 302

    def test_the_dashboard_is_the_list(self, fan: User) -> None:
        assert as_(fan).get("/en/dashboard/user").url == "/en/bookings"

    def test_guests_sign_in(self, offer: CallOffer, fan: User) -> None:
        booking = held(offer, fan)
        for path in ("bookings", "dashboard/user", f"bookings/{booking.pk}", f"call/{booking.pk}"):
            assert as_(None).get(f"/en/{path}").url == f"/en/account/login/?next=/en/{path}"


class TestDetail:
    """UI-3, PE-3, BK-12."""

    def test_others_find_nothing(self, creator: Creator, fan: User) -> None:
        """PE-3."""
        booking = paid(creator, fan)
        for path in (f"bookings/{booking.pk}", f"bookings/{booking.pk}/call.ics", f"call/{booking.pk}"):
            assert as_(make_user()).get(f"/en/{path}").status_code == 404
            for person in (fan, creator.user, make_admin()):
                assert as_(person).get(f"/en/{path}").status_code == 200

    def test_only_the_creator_sees_the_parts_of_the_price(self, creator: Creator, fan: User) -> None:
        """PA-1: 50.00 is 7.50 commission, 1.75 processing and 40.75."""
        booking = paid(creator, fan)
        theirs = as_(creator.user).get(f"/en/bookings/{booking.pk}").content.decode()
        assert all(amount in theirs for amount in ("€50.00", "€7.50", "€1.75", "€40.75"))
        assert "€40.75" not in as_(fan).get(f"/en/bookings/{booking.pk}").content.decode()

    def test_the_calendar_file(self, creator: Creator, fan: User) -> None:
        """BK-12: the same event as in the mail; none before the payment."""
        booking = paid(creator, fan)
        answer = as_(fan).get(f"/fr/bookings/{booking.pk}/call.ics")
        event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
        assert str(event["UID"]).startswith(f"booking-{booking.pk}@")
        assert event["DTSTART"].dt == booking.starts_at
        assert f"/fr/call/{booking.pk}" in str(event["URL"])
        unpaid = held(make_offer(creator=creator), fan)
        assert as_(fan).get(f"/fr/bookings/{unpaid.pk}/call.ics").status_code == 404


class TestCall:
    """CA-3, CA-4: the stable page; room and token are not in it."""

    @pytest.mark.parametrize(
        ("minutes", "state"),
        [(60, "call_not_open_yet"), (14, "open"), (-40, "open"), (-46, "call_over")],
    )
    def test_when(self, creator: Creator, fan: User, minutes: int, state: str) -> None:
        """CA-3: open from 15 minutes before the start to 15 after the end."""
        booking = paid(creator, fan)
        move(booking, minutes=minutes)
        answer = as_(fan).get(f"/en/call/{booking.pk}")
        assert answer.context["state"] == state
        assert ('data-call-act="join"' in answer.content.decode()) is (state != "call_over")
        assert answer["Referrer-Policy"] == "no-referrer"
        assert booking.call is not None
        assert booking.call.room.name not in answer.content.decode()

    def test_not_confirmed(self, offer: CallOffer, fan: User) -> None:
        booking = held(offer, fan)
        page = as_(fan).get(f"/en/call/{booking.pk}").content.decode()
        assert "This call is not confirmed yet" in page
        assert "data-call-act" not in page

    def test_the_creators_next_call(self, creator: Creator, fan: User) -> None:
        over, coming = paid(creator, fan), paid(creator, fan)
        move(over, minutes=-60)
        answer = as_(creator.user).get(f"/en/call/{over.pk}")
        assert answer.context["next_booking"] == coming


class TestSpeed:
    """UI-8: at most five queries and one for each list, however long."""

    def test_queries(self, creator: Creator, fan: User, django_assert_max_num_queries) -> None:
        bookings = [paid(creator, fan) for _ in range(3)]
        free, unpaid = make_offer(creator=creator), held(make_offer(creator=creator), fan)
        taken = held(make_offer(creator=creator), make_user())
        fans, theirs = as_(fan), as_(creator.user)
        pages = [
            (fans, f"book/{free.pk}", 0),
            (fans, f"book/{taken.offer_id}", 1),
            (fans, f"bookings/{unpaid.pk}/pay", 0),
            (fans, "bookings", 1),
            (fans, "bookings?view=past", 1),
            (fans, f"bookings/{bookings[0].pk}", 3),
            (fans, f"call/{bookings[0].pk}", 0),
            (theirs, f"call/{bookings[0].pk}", 0),
            (theirs, "dashboard/creator/bookings", 1),
            (theirs, f"bookings/{bookings[0].pk}", 3),
        ]
        for client, path, lists in pages:
            client.get(f"/en/{path}")
            with django_assert_max_num_queries(MOST_QUERIES + lists):
                assert client.get(f"/en/{path}").status_code == 200
