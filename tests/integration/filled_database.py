"""A database that has been in use for a while, written by PostgreSQL itself in a second or two."""

from datetime import timedelta
from hashlib import md5
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import AutoField, BigAutoField, Field, Model

from callastar.accounts.models import User
from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, Transition
from callastar.calls.models import Call, CallEvent, Presence, Room
from callastar.core import clock
from callastar.core.models import IdempotentAnswer
from callastar.creators.models import Creator
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment, Refund
from callastar.webhooks.models import WebhookEvent

PEOPLE, CREATORS, OFFERS, LINES = 4_000, 400, 24_000, 20_000
EACH = OFFERS // CREATORS  # the slots of one creator, one a day
COMING = 6  # of these, so many are still to come
BIG = (
    User,
    CallOffer,
    Booking,
    Payment,
    Transition,
    LogEntry,
    EmailLog,
    Notification,
    WebhookEvent,
    IdempotentAnswer,
    Call,
    Room,
    Presence,
    CallEvent,
)

_CREATOR = f"((n - 1) % {CREATORS} + 1)"
_DAY = f"((n - 1) / {CREATORS} - {EACH - COMING})"
_START = f"now() + interval '1 hour' + {_DAY} * interval '1 day'"
_PAST = f"{_DAY} < 0"


def key(kind: str, number: int) -> UUID:
    """The primary key of the so many-th row of a kind."""
    return UUID(md5(f"{kind}{number}".encode()).hexdigest())


def fill() -> None:
    """Write it all; the caller's transaction takes it back."""
    _people()
    _slots()
    _calls()
    _bookings()
    _logs()
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _people() -> None:
    _insert(
        User, PEOPLE, id=_key("user", "n"), email="'person' || n || '@Example.com'", name="'Person ' || n"
    )
    _insert(
        Creator,
        CREATORS,
        id="n + 1000000",
        user_id=_key("user", "n"),
        slug="'creator-' || n",
        category="(ARRAY['music','sport','comedy','film','art'])[n % 5 + 1]",
        currency="'EUR'",
        stripe_account_id="'acct_' || n",
        charges_enabled="true",
    )


def _slots() -> None:
    """Two months of slots, six days ahead: most are over, one in eight of the past ones was never booked."""
    _insert(
        CallOffer,
        OFFERS,
        id=_key("offer", "n"),
        creator_id=f"{_CREATOR} + 1000000",
        title="'Slot'",
        price="5000",
        currency="'EUR'",
        starts_at=_START,
        ends_at=f"{_START} + interval '30 minutes'",
        duration_minutes="30",
        status=f"CASE WHEN n % 2000 = 7 AND {_PAST} THEN 'AVAILABLE' WHEN {_PAST} THEN"
        " CASE WHEN n % 8 = 0 THEN 'CANCELLED' ELSE 'COMPLETED' END"
        " WHEN n % 3 = 0 THEN 'AVAILABLE' ELSE 'BOOKED' END",
    )


def _calls() -> None:
    """One for each slot; the rooms of those that are over are gone, but for some that are being deleted."""
    _insert(
        Call,
        OFFERS,
        id=_key("call", "n"),
        title="'Call ' || n",
        fan_id=_fan(),
        creator_user_id=_key("user", _CREATOR),
        room_id=f"CASE WHEN {_PAST} AND n % 1000 > 0 THEN NULL ELSE {_key('room', 'n')} END",
        starts_at=_START,
        ends_at=f"{_START} + interval '30 minutes'",
    )
    _insert(
        Room,
        OFFERS,
        id=_key("room", "n"),
        call_id=_key("call", "n"),
        state=f"CASE WHEN {_PAST} THEN 'GONE' WHEN n % 500 = 0 THEN 'WANTED' ELSE 'READY' END",
        name="'callastar-' || n",
        url="'https://example.daily.co/callastar-' || n",
        unwanted_at=f"CASE WHEN {_PAST} THEN {_START} + interval '90 minutes' END",
        gone_at=f"CASE WHEN {_PAST} AND n % 1000 > 0 THEN {_START} + interval '91 minutes' END",
        created_at=f"{_START} - interval '5 days'",
    )
    _insert(
        Presence,
        LINES,
        id=_key("presence", "n"),
        call_id=_key("call", "n"),
        room_id=_key("room", "n"),
        person_id=_fan(),
        session="n::text",
        joined_at=_START,
        left_at=f"CASE WHEN n % 1000 > 0 THEN {_START} + interval '30 minutes' END",
        seen_at=f"CASE WHEN n % 1000 = 0 THEN {_START} END",
    )
    _insert(
        CallEvent,
        LINES,
        id=_key("call event", "n"),
        call_id=_key("call", "n"),
        room_id=_key("room", "n"),
        kind="CASE WHEN n % 50 = 0 THEN 'POOR_CONNECTION' ELSE 'ROOM_READY' END",
        at=_START,
    )


def _bookings() -> None:
    """One for each slot; some unpaid."""
    fan = _fan()
    is_over = f"n % 500 > 0 AND {_PAST}"
    _insert(
        Payment,
        OFFERS,
        id=_key("payment", "n"),
        booking_id=_key("booking", "n"),
        offer_id=_key("offer", "n"),
        creator_id=f"{_CREATOR} + 1000000",
        fan_id=fan,
        amount="5000",
        currency="'EUR'",
        platform_fee="750",
        processing_fee="175",
        creator_amount="4075",
        status="CASE WHEN n % 500 = 0 THEN 'PENDING' ELSE 'SUCCEEDED' END",
        intent_state="CASE WHEN n % 500 = 0 THEN 'OPEN' ELSE 'SUCCEEDED' END",
        intent_id="'pi_' || n",
        charge_id="'ch_' || n",
        payout_release_date=f"{_START} + interval '7 days'",
        created_at=f"{_START} - interval '5 days'",
    )
    _insert(
        Booking,
        OFFERS,
        id=_key("booking", "n"),
        offer_id=_key("offer", "n"),
        creator_id=f"{_CREATOR} + 1000000",
        fan_id=fan,
        payment_id=_key("payment", "n"),
        call_id=_key("call", "n"),
        outcome=f"CASE WHEN {is_over} THEN CASE WHEN n % 400 = 3 THEN 'TECHNICAL' ELSE 'HELD' END ELSE '' END",
        outcome_at=f"CASE WHEN {is_over} THEN {_START} + interval '1 hour' END",
        outcome_final_at=f"CASE WHEN {is_over} AND n % 400 <> 3 THEN {_START} + interval '73 hours' END",
        completed_at=f"CASE WHEN {is_over} THEN {_START} + interval '45 minutes' END",
        status=f"CASE WHEN n % 500 = 0 THEN 'PENDING' WHEN {_PAST} THEN 'COMPLETED' ELSE 'CONFIRMED' END",
        starts_at=_START,
        offer_title="'Call ' || n",
        duration_minutes="30",
        hold_expires_at=f"{_START} - interval '4 days'",
        terms="'{}'",
        is_test="n % 5000 = 0",
        confirmed_at="CASE WHEN n % 500 > 0 THEN now() END",
        created_at=f"{_START} - interval '5 days'",
    )
    _insert(
        Transition,
        LINES,
        id=_key("transition", "n"),
        booking_id=_key("booking", f"(n % {OFFERS} + 1)"),
        to_status="'PENDING'",
        actor_kind="'SYSTEM'",
        at="now()",
    )
    _insert(
        Refund,
        5_000,
        id=_key("refund", "n"),
        payment_id=_key("payment", "n"),
        amount="5000",
        status="CASE WHEN n % 500 = 0 THEN 'PENDING' ELSE 'SUCCEEDED' END",
        cause="'ADMIN'",
        stripe_refund_id="'re_' || n",
        created_at=_line_time(),
    )


def _logs() -> None:
    person = _key("user", f"(n % {PEOPLE} + 1)")
    _insert(
        LogEntry,
        LINES,
        id=_key("log", "n"),
        level="CASE WHEN n % 400 = 0 THEN 'ERROR' ELSE 'INFO' END",
        type="'TYPE_' || n % 80",
        actor_kind="'USER'",
        actor_id=person,
        message="'Something happened'",
        created_at=_line_time(),
    )
    _insert(
        EmailLog,
        LINES,
        id=_key("email", "n"),
        dedupe_key="'mail-' || n",
        template="'refunded'",
        locale="'fr'",
        time_zone="'Europe/Paris'",
        recipient_id=person,
        to=f"'person' || n % {PEOPLE} || '@example.com'",
        status="CASE WHEN n % 1000 = 0 THEN 'pending' WHEN n % 400 = 1 THEN 'failed' ELSE 'sent' END",
        provider_id="'mail' || n",
        metadata="jsonb_build_object('booking', n)",
        created_at=_line_time(),
    )
    _insert(
        Notification,
        LINES,
        id=_key("notification", "n"),
        recipient_id=person,
        type="'SYSTEM'",
        dedupe_key="'told-' || n",
        read_at="CASE WHEN n % 10 > 0 THEN now() END",
        created_at=_line_time(),
    )
    _insert(
        WebhookEvent,
        LINES,
        id=_key("event", "n"),
        provider="'stripe'",
        event_id="'evt_' || n",
        type="'charge.updated'",
        payload="'{}'",
        occurred_at=_line_time(),
        received_at=_line_time(),
        status="CASE WHEN n % 500 = 0 THEN 'parked' ELSE 'processed' END",
    )
    _insert(
        IdempotentAnswer,
        LINES,
        scope=f"{person}::text",
        key="'key-' || n",
        fingerprint="'0'",
        status="200",
        created_at=_line_time(),
    )


def _fan() -> str:
    return _key("user", f"({CREATORS} + n % {PEOPLE - CREATORS} + 1)")


def _line_time() -> str:
    return "now() - n * interval '1 minute'"


def _key(kind: str, number: str) -> str:
    return f"md5('{kind}' || {number})::uuid"


def _insert(model: type[Model], rows: int, **expressions: str) -> None:
    """Insert rows n = 1 … by SQL expressions over n; every other column gets its field's default."""
    named = {column: sql.replace("%", "%%") for column, sql in expressions.items()}
    fields = [each for each in model._meta.concrete_fields if each.column in named or not _is_counted(each)]
    defaults = [_default(each) for each in fields if each.column not in named]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(named.get(each.column, "%s") for each in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({columns})'
            f" SELECT {values} FROM generate_series(1, {rows}) AS n",
            defaults,
        )


def _is_counted(field: "Field[Any, Any]") -> bool:
    """Whether the database numbers the rows itself."""
    return isinstance(field, AutoField | BigAutoField)


def _default(field: "Field[Any, Any]") -> Any:
    value = field.get_default()
    if value is None and not field.null:
        value = clock.now() - timedelta(days=1)  # moments that save() sets by itself
    return field.get_db_prep_save(value, connection)
