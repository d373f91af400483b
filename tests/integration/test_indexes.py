"""Lists, look-ups and periodic jobs read a filled database through an index: PostgreSQL's own plans say so."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from callastar.accounts.models import User
from callastar.audit.models import LogEntry
from callastar.audit.retention import forget_entries
from callastar.backoffice import call_filters
from callastar.bookings import queries as bookings
from callastar.bookings.models import Booking, Transition
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.lapse import expire_holds
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.bookings.operations.reconcile import reconcile_bookings
from callastar.bookings.operations.remind import _to_remind, send_reminders
from callastar.bookings.operations.settle import settle_intent
from callastar.bookings.rules import Reminder
from callastar.calls.models import Call, CallEvent, Presence, Room
from callastar.calls.operations.cleanup import give_up_ended
from callastar.calls.operations.rooms import rescue_rooms
from callastar.core import clock
from callastar.core.api.idempotency import _forget_old, forget_old_answers
from callastar.core.models import IdempotentAnswer
from callastar.creators.models import Creator
from callastar.jobs.summary import summary_of
from callastar.mail.models import EmailLog
from callastar.mail.operations import forget_bodies, retry_unsent, skip_emails
from callastar.notifications import queries as notifications
from callastar.notifications.backend import PersonBackend
from callastar.notifications.models import Notification
from callastar.notifications.operations import mark_all_read
from callastar.offers import queries as offers
from callastar.offers.browse import Wishes, browse_creators
from callastar.offers.models import CallOffer
from callastar.offers.operations import expire_offers
from callastar.payments.models import Payment, Refund
from callastar.payments.operations.chase import chase_refunds
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations.retention import forget_payloads
from tests.integration.filled_database import BIG, PEOPLE, fill, key

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
SCANNED = re.compile(r"Seq Scan on (\w+)")


class Explained(Exception):
    """The statement that was wanted has been explained and will not be run."""


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tens of thousands of rows for the tests of this file, taken back after them."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            fill()
            yield
            transaction.set_rollback(True)
        connection.close()


def plan_of(action: Callable[[], Any], table: str) -> str:
    """The plan of the first statement on a table that an action of the product sends; it is not carried out."""
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not re.match(rf'(SELECT\b.*\bFROM|UPDATE|DELETE FROM) "?{table}\b', sql, re.DOTALL):
            return execute(sql, params, many, context)
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
        raise Explained

    with connection.execute_wrapper(explain), suppress(Explained), transaction.atomic():
        action()
    assert plans, f"nothing was asked of {table}"
    return plans[0]


def plans_of(action: Callable[[], Any]) -> list[str]:
    """The plans of all that an action of the product reads."""
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        action()
    return plans


def scans(plan: str) -> set[str]:
    """The big tables that a plan reads from end to end."""
    return {model._meta.db_table for model in BIG} & set(SCANNED.findall(plan))


def newest(model: type[Model], *, by: str = "-created_at", **wanted: Any) -> Callable[[], Any]:
    """A page of a list of the back office."""
    return lambda: list(model._default_manager.filter(**wanted).order_by(by)[:50])


def now() -> datetime:
    return clock.now()


def fan() -> User:
    return User.objects.get(pk=key("user", PEOPLE - 10))


def creator() -> Creator:
    return Creator.objects.select_related("user").get(slug="creator-77")


def similar_to(offer_id: UUID) -> QuerySet[CallOffer]:
    """What could take the place of an offer of the seventy-eighth creator."""
    offer = CallOffer(pk=offer_id, creator=creator())
    return offers.similar_offers(offer=offer, viewer=fan(), now=now())


def found(**wishes: Any) -> Callable[[], Any]:
    """The first page of creators who fit."""
    return lambda: list(browse_creators(wishes=Wishes(**wishes), zone=PARIS, now=now())[:24])


def a_day() -> date:
    return (now() + timedelta(days=2)).date()


BOOKINGS = [
    ("a fan's", lambda: list(bookings.bookings_of_fan(fan())[:20]), "bookings_by_fan"),
    ("a fan's to come", lambda: list(bookings.upcoming_bookings(fan(), now=now())), "bookings_by_fan"),
    ("a fan's past", lambda: list(bookings.past_bookings(fan(), now=now())[:20]), "bookings_by_fan"),
    ("a creator's", lambda: list(bookings.bookings_of_creator(creator().user)[:20]), "bookings_by_creator"),
    (
        "a creator's to come",
        lambda: list(bookings.creator_upcoming(creator().user, now=now())),
        "bookings_by_creator",
    ),
    (
        "a creator's past",
        lambda: list(bookings.creator_past(creator().user, now=now())[:20]),
        "bookings_by_creator",
    ),
    ("by state and start", newest(Booking, by="-starts_at", status="CONFIRMED"), "bookings_by_sta"),
    ("by start", newest(Booking, by="-starts_at"), "bookings_by_start"),
    ("newest", newest(Booking), "bookings_by_created"),
    ("tests", newest(Booking, by="pk", is_test=True), "bookings_test"),
    ("expire-holds", lambda: expire_holds(now=now()), "bookings_held"),
    ("reconcile-payments", lambda: reconcile_bookings(now=now()), "payments_unsettled"),
    ("send-reminders", lambda: send_reminders(now=now()), "bookings_remind_15m"),
    ("of the day", lambda: list(_to_remind(Reminder.DAY, now()).values_list("pk")), "bookings_remind_24h"),
    (
        "timeline",
        lambda: list(bookings.timeline(Booking(pk=key("booking", 9)))),
        "bookings_transition_booking",
    ),
]
OFFERS = [
    (
        "shown",
        lambda: list(offers.shown_offers(creator=creator(), viewer=fan(), now=now())),
        "offers_by_creator",
    ),
    ("a creator's", lambda: list(offers.coming_offers(creator=creator(), now=now())), "offers_by_creator"),
    (
        "a creator's past",
        lambda: list(offers.past_offers(creator=creator(), now=now())[:20]),
        "offers_by_creator",
    ),
    (
        "states",
        lambda: offers.slot_states(creator_id=creator().pk, viewer=fan(), now=now()),
        "offers_by_creator",
    ),
    ("bookable", lambda: list(offers.bookable_offers(now=now())[:20]), "offers_by_status"),
    (
        "bookable of one creator",
        lambda: list(offers.bookable_offers(now=now(), creator_slug="creator-77")[:20]),
        "offers_by_creator",
    ),
    ("similar", lambda: list(similar_to(key("offer", 9))[:3]), "offers_by_status"),
    ("expire-offers", lambda: expire_offers(now=now()), "offers_by_status"),
]
BROWSING = [
    ("landing", found(has_time=True), "offers_by_status"),
    ("a search", found(text="person 77"), "offers_by_"),
    ("a day", found(day=a_day()), "offers_by_status"),
    ("a kind", found(category="music", price_max=6000), "offers_by_"),
]
PAYMENTS = [
    ("an event's", lambda: settle_intent(intent_id="pi_77", now=now()), "one_payment_per_intent"),
    (
        "released",
        newest(Payment, by="payout_release_date", payout_release_date__lte=now()),
        "payments_by_release",
    ),
    ("by charge", newest(Payment, by="pk", charge_id="ch_77"), "payments_by_charge"),
]
CALLS = [
    ("rescue-rooms", Call, lambda: rescue_rooms(now=now()), "calls_by_start"),
    ("retire-rooms", Call, lambda: give_up_ended(now=now()), "calls_with_room"),
    (
        "cleanup-daily-rooms",
        Room,
        newest(Room, by="unwanted_at", gone_at=None, unwanted_at__lte=now()),
        "rooms_to_delete",
    ),
    ("today", Call, lambda: list(call_filters.today(Call.objects.all(), now=now())), "calls_by_start"),
    ("in progress", Call, lambda: list(call_filters.in_progress(Call.objects.all(), now=now())), "calls_by_"),
    ("newest", Call, newest(Call, by="-starts_at"), "calls_by_start"),
    ("a call's log", CallEvent, lambda: list(Call(pk=key("call", 9)).events.all()), "call_events_by_time"),
    ("who was there", Presence, lambda: list(Call(pk=key("call", 9)).presences.all()), "presences_by_call"),
    ("unjudged", Booking, lambda: judge_calls(now=now()), "bookings_without_outcome"),
    ("refunds due", Booking, lambda: refund_outcomes(now=now()), "bookings_to_refund"),
    ("not final", Booking, lambda: end_contests(now=now()), "bookings_not_final"),
    (
        "to decide",
        Booking,
        lambda: call_filters.to_decide(Booking.objects.all()).count(),
        "bookings_not_final",
    ),
]
LOGS = [
    (LogEntry, newest(LogEntry, level="ERROR"), "log_by_level"),
    (LogEntry, newest(LogEntry, level="INFO", created_at__lt=now()), "log_by_level"),
    (LogEntry, newest(LogEntry, type="TYPE_7"), "log_by_type"),
    (LogEntry, newest(LogEntry, actor_id=key("user", 77)), "log_by_actor"),
    (LogEntry, lambda: next(forget_entries(level="INFO", now=now()), 0), "log_by_level"),
    (EmailLog, lambda: next(forget_bodies(now=now()), 0), "emails_with_bodies"),
    (WebhookEvent, lambda: next(forget_payloads(now=now()), 0), "events_with_payloads"),
    (EmailLog, newest(EmailLog, to="person77@example.com"), "emails_by_recipient"),
    (EmailLog, newest(EmailLog, status="failed"), "emails_by_status"),
    (EmailLog, newest(EmailLog), "emails_by_created"),
    (EmailLog, newest(EmailLog, by="pk", provider_id="mail77"), "emails_by_provider_id"),
    (EmailLog, lambda: retry_unsent(now=now()), "emails_by_status"),
    (EmailLog, lambda: skip_emails(reason="x", metadata={"booking": "7"}, now=now()), "emails_by_status"),
    (
        WebhookEvent,
        newest(WebhookEvent, by="received_at", status__in=["received", "parked"]),
        "events_waiting",
    ),
    (WebhookEvent, newest(WebhookEvent, by="-occurred_at", provider="stripe"), "events_by_time"),
    (Notification, lambda: list(notifications.notifications_of(fan())[:20]), "notifications_by_recipient"),
    (Notification, lambda: notifications.unread_count(fan()), "notifications_unread"),
    (User, lambda: PersonBackend().get_user(key("user", 77)), "notifications_unread"),
    (Notification, lambda: mark_all_read(user=fan(), now=now()), "notifications_unread"),
    (IdempotentAnswer, lambda: _forget_old(str(key("user", 77)), "key-76"), "one_answer_per_key"),
    (IdempotentAnswer, lambda: forget_old_answers(now=now()), "answers_by_age"),
    (Refund, lambda: chase_refunds(now=now()), "refunds_pending"),
    (User, lambda: User.objects.get_by_natural_key("person77@example.com"), "one_person_per_email"),
]


@pytest.mark.parametrize(
    ("action", "index"), [each[1:] for each in BOOKINGS], ids=[each[0] for each in BOOKINGS]
)
def test_bookings(action: Callable[[], Any], index: str) -> None:
    """BK-4, BK-5, EM-6, JO-2, and "Indexes": by user, state, start, created, test, lapse."""
    table = Transition if index.startswith("bookings_transition") else Booking
    plan = plan_of(action, table._meta.db_table)
    assert index in plan, plan
    assert scans(plan) == set(), plan


@pytest.mark.parametrize(("action", "index"), [each[1:] for each in OFFERS], ids=[each[0] for each in OFFERS])
def test_offers(action: Callable[[], Any], index: str) -> None:
    """OF-4 and "Indexes": by creator and start, by state and start."""
    plan = plan_of(action, CallOffer._meta.db_table)
    assert index in plan, plan
    assert scans(plan) == set(), plan


@pytest.mark.parametrize(
    ("action", "index"), [each[1:] for each in BROWSING], ids=[each[0] for each in BROWSING]
)
def test_browsing_creators(action: Callable[[], Any], index: str) -> None:
    """Every creator is looked at (there are few), but only the slots to come."""
    plan = plan_of(action, Creator._meta.db_table)
    assert index in plan, plan
    assert "offers_calloffer" not in scans(plan), plan


@pytest.mark.parametrize(
    ("action", "index"), [each[1:] for each in PAYMENTS], ids=[each[0] for each in PAYMENTS]
)
def test_payments(action: Callable[[], Any], index: str) -> None:
    """WH-1, PO-2 and "Indexes": by intent, release date, charge."""
    plan = plan_of(action, Payment._meta.db_table)
    assert index in plan, plan
    assert scans(plan) == set(), plan


@pytest.mark.parametrize(
    ("model", "action", "index"), [each[1:] for each in CALLS], ids=[each[0] for each in CALLS]
)
def test_calls(model: type[Model], action: Callable[[], Any], index: str) -> None:
    """CA-1, CA-7, CA-9, and "Indexes": what runs every minute, and what admins look at."""
    plan = plan_of(action, model._meta.db_table)
    assert index in plan, plan
    assert scans(plan) == set(), plan


@pytest.mark.parametrize(("model", "action", "index"), LOGS)
def test_logs_and_look_ups(model: type[Model], action: Callable[[], Any], index: str) -> None:
    """LO-1, EM-2, WH-2, BK-3, PE-1 and "Indexes": logs, mails, events, answers, people."""
    plan = plan_of(action, model._meta.db_table)
    assert index in plan, plan
    assert scans(plan) == set(), plan


def test_the_summary_of_a_day() -> None:
    """JO-2 and "Indexes": no table is read from end to end for it."""
    plans = plans_of(lambda: summary_of(since=now() - timedelta(days=1), until=now(), periodic=[]))
    assert len(plans) > 10
    for plan in plans:
        assert scans(plan) == set(), plan


def test_without_an_index_the_check_fails() -> None:
    """The control: a list that no index serves reads its whole table."""
    plan = plan_of(newest(LogEntry, by="message", message="Nothing"), "audit_logentry")
    assert scans(plan) == {"audit_logentry"}
