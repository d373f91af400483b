"""The demo's people, offers and bookings: made through the product, once, and topped up afterwards (OP-1)."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from PIL import Image

from callastar.accounts.models import Role, User
from callastar.bookings.models import Booking, BookingStatus, Contest, Outcome
from callastar.core import clock
from callastar.creators.images import BANNER, PORTRAIT
from callastar.creators.models import Category, Creator
from callastar.demo.texts import CREATORS
from callastar.mail.models import EmailLog, EmailStatus
from callastar.notifications.models import Notification, NotificationType
from callastar.offers.models import CallOffer, OfferStatus
from callastar.offers.queries import bookable_offers
from callastar.payments.models import Dispute, IntentState, Refund, RefundStatus
from callastar.payouts.models import Payout, PayoutAuditLog, PayoutPolicy
from callastar.payouts.operations.policy import policy_of
from callastar.payouts.queries import Standing, standings
from callastar.providers.stripe import accounts
from tests.emptying import empty_database
from tests.second_factors import current_code
from tests.stripe_people import intents

NEVER_TOUCHED_AGAIN = (
    "accounts",
    "audit",
    "bookings",
    "calls",
    "creators",
    "ledger",
    "mail",
    "notifications",
    "offers",
    "payments",
    "payouts",
)
SHEETS = {sheet.slug: sheet for sheet in CREATORS}


@pytest.fixture(scope="module")
def at_demo(stripe_program, tmp_path_factory) -> Iterator[Path]:
    """The settings of a demo; answers the file that says who can sign in."""
    stripe_program.ensure_running()
    stripe_program.control("POST", "reset")
    folder = tmp_path_factory.mktemp("demo")
    stripe_program.control("POST", "faults", {"match": "POST /v1/payouts", "kind": "500", "times": 3})
    with override_settings(
        STRIPE_API_BASE=stripe_program.url,
        STRIPE_SECRET_KEY=stripe_program.keys["secret_key"],
        MEDIA_ROOT=str(folder / "media"),
    ):
        yield folder / "people.json"


@pytest.fixture(scope="module")
def people_file(at_demo, django_db_setup, django_db_blocker) -> Iterator[Path]:
    """A seeded database, the same one for all tests that use it: Stripe failed in the middle of the first go."""
    with django_db_blocker.unblock():
        complaint = StringIO()
        call_command("seed_demo", people_file=at_demo, stderr=complaint)
        assert "the next start goes on from here" in complaint.getvalue()
        call_command("seed_demo", people_file=at_demo)
        yield at_demo
        empty_database()
        connection.close()


@pytest.mark.django_db
def test_without_a_sandbox_there_are_people_and_drafts_only(settings, tmp_path, capsys):
    """OP-1, OP-2: at the real Stripe nothing is opened and nothing paid."""
    settings.STRIPE_API_BASE = None
    settings.MEDIA_ROOT = str(tmp_path)
    call_command("seed_demo")
    assert "no sandbox" in capsys.readouterr().err
    assert Creator.objects.count() == 12
    assert not Creator.objects.exclude(stripe_account_id="").exists()
    assert CallOffer.objects.exists()
    assert not bookable_offers(now=clock.now()).exists()
    assert not Booking.objects.exists()


@pytest.mark.django_db
def test_is_refused_in_production(settings):
    """OP-1, SE-2: known passwords have no place there."""
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="production"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_everybody_can_sign_in(people_file):
    """OP-1: three fans, an admin with a second factor, twelve creators; the file is the owner's only."""
    people = json.loads(people_file.read_text())
    assert people_file.stat().st_mode & 0o777 == 0o600
    assert [person["role"] for person in people] == ["fan"] * 3 + ["admin"] + ["creator"] * 12
    for person in (people[0], people[3], people[15]):
        assert User.objects.get(email=person["email"]).check_password(person["password"])
    assert (
        EmailAddress.objects.filter(verified=True, primary=True).count()
        == len(people)
        == User.objects.count()
    )
    fans = User.objects.filter(role=Role.USER)
    assert {(fan.locale, fan.timezone) for fan in fans} == {
        ("fr", "Europe/Paris"),
        ("en", "Europe/London"),
        ("fr", "America/Toronto"),
    }


def test_the_second_factor_of_the_admin_is_told(people_file):
    """OP-1: `totp_secret` makes codes that are taken."""
    (admin,) = [person for person in json.loads(people_file.read_text()) if person["role"] == "admin"]
    secret = admin["totp_secret"]
    code = current_code(secret)
    authenticator = Authenticator.objects.get(user__email=admin["email"], type=Authenticator.Type.TOTP)
    assert TOTP(authenticator).validate_code(code)


def test_creators_of_every_kind_and_currency(people_file):
    """OP-1, PE-2: accounts at Stripe agree with what is stored; one creator has not been there."""
    creators = list(Creator.objects.select_related("user"))
    assert {creator.category for creator in creators} == set(Category.values)
    countries = {(creator.currency, creator.stripe_country) for creator in creators}
    assert countries == {("EUR", "FR"), ("CHF", "CH"), ("GBP", "GB"), ("USD", "US")}
    (waiting,) = [creator for creator in creators if not creator.charges_enabled]
    assert (waiting.slug, waiting.stripe_account_id) == ("theo-garnier", "")
    for creator in creators:
        sheet = SHEETS[creator.slug]
        assert (creator.currency, creator.user.timezone) == (sheet.currency, sheet.timezone)
        if creator != waiting:
            account = accounts.get_account(account_id=creator.stripe_account_id)
            assert (account.default_currency, account.country) == (creator.currency, creator.stripe_country)
            assert creator.is_stripe_onboarded
            assert creator.payouts_enabled


def test_pictures_are_stored_as_uploads_would_be(people_file):
    """PE-2: re-encoded, of the exact size."""
    for creator in Creator.objects.all():
        for stored, size in ((creator.profile_image, PORTRAIT), (creator.banner_image, BANNER)):
            with default_storage.open(stored.name) as file, Image.open(file) as image:
                assert (image.format, image.size) == ("WEBP", (size.width, size.height))


def test_offers_fill_three_weeks_at_sensible_hours(people_file):
    """OP-1, OF-2: no overlaps, nothing by night in the creator's zone, something to book within a day."""
    now = clock.now()
    free = list(bookable_offers(now=now).order_by("creator", "starts_at"))
    assert {offer.creator.slug for offer in free} == set(SHEETS) - {"theo-garnier"}
    assert len({offer.duration_minutes for offer in free}) > 5
    for offer in free:
        local = offer.starts_at.astimezone(ZoneInfo(offer.creator.user.timezone))
        assert 6 <= local.hour <= 21
        assert offer.currency == offer.creator.currency
    assert_no_overlaps()
    assert [offer for offer in free if offer.starts_at < now + timedelta(days=1)]
    assert max(offer.starts_at for offer in free) > now + timedelta(days=18)
    assert CallOffer.objects.filter(status=OfferStatus.AVAILABLE, reserved_for__isnull=False).count() == 2


def assert_no_overlaps() -> None:
    for slug in SHEETS:
        offers = CallOffer.objects.filter(creator__slug=slug).order_by("starts_at")
        assert all(one.ends_at <= other.starts_at for one, other in pairwise(offers))


def test_past_calls_were_paid_for_and_held_at_plausible_times(people_file, stripe_program):
    """OP-1, BK-6, PA-4: booked, paid, held and completed in this order, the money taken at Stripe."""
    completed = Booking.objects.filter(status=BookingStatus.COMPLETED).select_related(
        "offer", "payment", "call"
    )
    assert len(completed) == 17
    for booking in completed:
        offer, payment = booking.offer, booking.payment
        assert (
            offer.created_at
            < booking.created_at
            < payment.paid_at
            == booking.confirmed_at
            < booking.starts_at
        )
        assert (
            booking.starts_at
            == offer.starts_at
            == booking.call.starts_at
            < offer.ends_at
            == booking.call.ends_at
        )
        assert offer.ends_at < booking.completed_at < clock.now()
        assert offer.status == OfferStatus.COMPLETED
        waits = booking.outcome == Outcome.CREATOR_NO_SHOW or booking.contests.exists()
        assert payment.call_settled_at == (None if waits else booking.completed_at)
        assert payment.payout_release_date == offer.ends_at + timedelta(days=7)
        assert booking.creator.created_at < offer.created_at
        steps = list(booking.transitions.values_list("to_status", flat=True))
        assert steps == ["PENDING", "CONFIRMED", "COMPLETED"]
    paid = {intent.id for intent in intents(stripe_program) if intent.status == "succeeded"}
    assert Counter(booking.outcome for booking in completed) == {
        "HELD": 15,
        "FAN_NO_SHOW": 1,
        "CREATOR_NO_SHOW": 1,
    }
    assert {booking.payment.intent_id for booking in completed} < paid
    assert len(paid) == 21


def test_outcomes_of_every_kind_can_be_seen(people_file):
    """OP-1, BK-9, CA-6: a fan who missed a call, a creator who did, whose fan was refunded, and one to be decided."""
    missed = Booking.objects.get(outcome=Outcome.CREATOR_NO_SHOW)
    (refund,) = missed.payment.refunds.all()
    assert (refund.amount, refund.status) == (missed.payment.amount, RefundStatus.SUCCEEDED)
    assert not Booking.objects.get(outcome=Outcome.FAN_NO_SHOW).payment.refunds.exists()
    contest = Contest.objects.get()
    assert contest.decided_at is None
    assert contest.booking.call.presences.count() == 4
    assert contest.created_at < contest.booking.completed_at + settings.OUTCOME_CONTEST


def test_some_bookings_came_to_nothing(people_file):
    """OP-1, BK-4: one lapsed, one declined and lapsed, one given up; none comes back."""
    ended = Booking.objects.filter(status=BookingStatus.CANCELLED, confirmed_at=None)
    ended = ended.select_related("offer", "payment")
    found = sorted((booking.cancel_reason, booking.payment.failure_code) for booking in ended)
    assert found == [("fan", ""), ("hold_lapsed", ""), ("hold_lapsed", "insufficient_funds")]
    for booking in ended:
        assert booking.created_at < booking.cancelled_at < booking.starts_at < clock.now()
        assert booking.offer.status == OfferStatus.CANCELLED
        assert booking.payment.intent_state in {IntentState.NONE, IntentState.CANCELED}


def test_coming_calls_are_real_and_of_past_ones_nobody_is_mailed(people_file):
    """OP-1: one call can be tried within a quarter of an hour; what is mailed is what happens now."""
    coming = (
        Booking.objects.filter(status=BookingStatus.CONFIRMED).order_by("starts_at").select_related("call")
    )
    assert [booking.call.room.state for booking in coming] == [
        "WANTED",
        "WANTED",
    ]  # the worker makes the rooms
    assert coming[0].starts_at - coming[0].created_at < timedelta(minutes=14)
    past = {str(pk) for pk in Booking.objects.filter(starts_at__lt=clock.now()).values_list("pk", flat=True)}
    waiting = EmailLog.objects.filter(status=EmailStatus.PENDING)
    of_bookings = [mail for mail in waiting if mail.template.startswith(("booking_", "payment_", "hold_"))]
    assert not {mail.metadata["booking"] for mail in of_bookings} & past
    confirmed = [mail for mail in of_bookings if mail.template.startswith("booking_confirmed")]
    assert len(confirmed) == 4
    assert {mail.metadata["booking"] for mail in confirmed} == {str(booking.pk) for booking in coming}
    assert sorted(mail.template for mail in waiting if mail not in of_bookings) == [
        "debt_made",
        "dispute_closed",
        "dispute_opened",
        "dispute_opened",
        "dispute_opened_admin",
        "dispute_opened_admin",
        "outcome_creator",
        "outcome_creator",
        "outcome_creator",
        "outcome_fan",
        "outcome_fan",
        "outcome_to_decide_admin",
        "payout_approved",
        "payout_failed",
        "payout_failed_admin",
        "payout_paid",
        "payout_paid",
        "payout_paid",
        "payout_requested",
        "payout_requested",
        "payout_requested_admin",
        "payout_requested_admin",
        "reminder_15m_creator",
        "reminder_15m_fan",
    ]
    read = Notification.objects.filter(type=NotificationType.BOOKING_CONFIRMED, read_at__isnull=False)
    assert read.count() == 2 * 17
    for told in read:
        assert told.created_at < datetime.fromisoformat(told.params["starts_at"]) < clock.now()


def test_money_of_past_calls_is_at_every_stage(people_file):
    """OP-1, LE-2, PA-4: pending with a date, available, in a payout, paid, owed; as the journal says."""
    sums = {
        name: [getattr(standing_of(slug), name) for slug in slugs]
        for name, slugs in {
            "paid": ("camille-delorme", "rosalind-achebe", "yanis-benali"),
            "available": ("camille-delorme", "nadia-keller", "jordan-blake", "marcus-reed"),
            "pending": ("camille-delorme", "maelle-kerouan", "priya-nair"),
            "debt": ("yanis-benali",),
        }.items()
    }
    assert {name: amount for name, found in sums.items() for amount in found if amount <= 0} == {}
    coming = standing_of("camille-delorme").claims.coming
    assert {claim.released_at > clock.now() for claim in coming} == {True}


def standing_of(slug: str) -> Standing:
    policy = policy_of(Creator.objects.select_related("user").get(slug=slug), now=clock.now())
    return standings(policy=policy, now=clock.now())[0]


def test_payouts_came_to_every_end(people_file):
    """OP-1, PO-4, PO-5: paid by request and by schedule, failed and tried again tomorrow, waiting for the admin."""
    found = Payout.objects.values_list("creator__slug", "status", "trigger").order_by("creator__slug")
    assert list(found) == [
        ("camille-delorme", "PAID", "REQUEST"),
        ("jordan-blake", "FAILED", "SCHEDULE"),
        ("marcus-reed", "REQUESTED", "REQUEST"),
        ("rosalind-achebe", "PAID", "SCHEDULE"),
        ("yanis-benali", "PAID", "SCHEDULE"),
    ]
    failed = Payout.objects.get(status="FAILED")
    assert clock.now() < PayoutPolicy.objects.get(creator=failed.creator_id).retry_at
    asked = Payout.objects.get(creator__slug="camille-delorme")
    assert asked.items.count() == 2
    assert asked.approved_by.email == "admin@example.com"
    steps = PayoutAuditLog.objects.filter(payout=asked).order_by("at").values_list("to_status", flat=True)
    assert list(steps) == ["REQUESTED", "APPROVED", "PROCESSING", "PAID"]


def test_money_that_went_back_is_shown(people_file):
    """OP-1, BK-7, RE-1, RE-2, RE-4: half, all, a part after the payout, and disputes that are open and won."""
    refunds = Refund.objects.select_related("payment").order_by("cause")
    assert [(refund.cause, refund.status, refund.from_platform) for refund in refunds] == [
        ("ADMIN", "SUCCEEDED", True),
        ("CREATOR_CANCELLED", "SUCCEEDED", False),
        ("FAN_CANCELLED", "SUCCEEDED", False),
        ("OUTCOME", "SUCCEEDED", False),
    ]
    by_admin, whole, half, missed = refunds
    assert missed.amount == missed.payment.amount
    assert whole.amount == whole.payment.amount
    assert half.amount * 2 == half.payment.amount
    assert by_admin.reason
    assert (by_admin.debt.status, by_admin.debt.settled_amount) == ("OPEN", 0)
    disputed, won = Dispute.objects.order_by("status")
    assert (disputed.status, won.status) == ("needs_response", "won")
    assert disputed.evidence_due_by > clock.now() + timedelta(days=5)
    assert (won.restitution.status, won.restitution.amount) == ("SUCCEEDED", won.share)
    assert won.evidence_submitted_at < won.closed_at


def test_books_and_stripe_agree(people_file, capsys):
    """OP-1, LE-3: whatever was seeded, to the cent."""
    call_command("reconcile_ledger", all=True)
    assert "CLEAN" in capsys.readouterr().out


def test_the_second_run_changes_nothing_and_is_quick(people_file):
    """OP-1: it runs at every start of the demo."""
    before, written = everything(), people_file.stat().st_mtime_ns
    began = time.process_time()
    call_command("seed_demo", people_file=people_file)
    assert time.process_time() - began < 1
    assert everything() == before
    assert people_file.stat().st_mtime_ns == written


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of the product's own tables."""
    models = [model for name in NEVER_TOUCHED_AGAIN for model in apps.get_app_config(name).get_models()]
    return {model._meta.label: sorted(model.objects.values_list(), key=str) for model in models}


def test_a_week_later_only_what_is_missing_is_added(people_file):
    """OP-1: there is always something in the coming three weeks; what exists stays."""
    before = set(CallOffer.objects.values_list("pk", "starts_at", "status"))
    latest = max(starts_at for _, starts_at, _ in before)
    with clock.shifted(timedelta(days=7)):
        call_command("seed_demo", people_file=people_file)
    after = set(CallOffer.objects.values_list("pk", "starts_at", "status"))
    assert before < after
    assert all(starts_at > latest - timedelta(days=2) for _, starts_at, _ in after - before)
    assert Booking.objects.count() == 24
    assert_no_overlaps()
