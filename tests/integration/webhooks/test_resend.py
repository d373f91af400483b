"""Resend's events: only what it signed comes in, once, and says what became of a mail in any order (EM-2, WH-1)."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from svix.webhooks import Webhook

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.ids import new_id
from callastar.mail.models import EmailLog, EmailStatus, Suppression
from callastar.mail.operations import note_event
from callastar.mail.operations.news import MailNotKnownYetError
from callastar.notifications.models import Notification
from callastar.webhooks.models import EventStatus, WebhookEvent
from callastar.webhooks.operations import inbox
from callastar.webhooks.operations.inbox import process_event
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SECRET, NEXT_SECRET = ("whsec_" + base64.b64encode(word * 4).decode() for word in (b"present!", b"next one"))
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)

Tell = Callable[..., None]


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.RESEND_WEBHOOK_SECRETS = (SECRET, NEXT_SECRET)


@pytest.fixture
def email(db) -> EmailLog:
    """A mail about a call that Resend has taken."""
    reader = make_user(email="Reader@site.example")
    return EmailLog.objects.create(
        dedupe_key="x",
        template="booking_confirmed_fan",
        locale="en",
        time_zone="UTC",
        recipient=reader,
        to=reader.email,
        subject="Your call is booked",
        metadata={"booking": str(new_id())},
        status=EmailStatus.SENT,
        provider_id="re-1",
        sent_at=clock.now(),
        ask_at=clock.now(),
    )


def event(what: str = "delivered", mail: str = "re-1", at: datetime = AT, **data: Any) -> dict[str, Any]:
    """An event as Resend sends it."""
    body = {"email_id": mail, "from": "a@b.example", "to": ["Reader@site.example"], "subject": "x", **data}
    if what == "bounced" and "bounce" not in data:
        body["bounce"] = {"type": "Permanent", "subType": "General", "message": "no such user"}
    return {"type": f"email.{what}", "created_at": at.isoformat(), "data": body}


def deliver(
    body: Any,
    *,
    key: str = "",
    secret: str = SECRET,
    age: float = 0,
    sent: bytes | None = None,
    signed: str | None = None,
    **extra: Any,
) -> HttpResponse:
    """Post a body as Resend does, signed so many seconds ago; `sent` is what travels in its place."""
    raw = json.dumps(body).encode() if sent is None else sent
    key, moment = key or f"msg_{new_id()}", datetime.fromtimestamp(time.time() - age, UTC)
    signature = (
        Webhook(secret).sign(key, moment, raw.decode("utf-8", "replace")) if signed is None else signed
    )
    headers = {
        "svix-id": key,
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": signature,
    }
    return Client().post("/api/email/webhook", raw, content_type="application/json", headers=headers, **extra)


@pytest.fixture
def tell() -> Tell:
    """Deliver events and carry them out, in this order."""

    def tell(*events: dict[str, Any]) -> None:
        for one in events:
            key = f"msg_{new_id()}"
            assert deliver(one, key=key).status_code == 200
            process_event(event_id=WebhookEvent.objects.get(event_id=key).pk, now=clock.now())

    return tell


@pytest.mark.parametrize("change", [{}, {"age": 290}, {"age": -290}, {"secret": NEXT_SECRET}])
def test_what_resend_signed_is_stored_once_with_its_job(change: dict[str, Any]) -> None:
    """WH-1, WH-2: five minutes are tolerated, each of several secrets is good, and a delivery may come twice."""
    assert deliver(event(), key="msg_1", **change).status_code == 200
    stored = WebhookEvent.objects.get()
    assert (stored.provider, stored.event_id, stored.type) == ("resend", "msg_1", "email.delivered")
    assert (stored.payload, stored.status, stored.occurred_at) == (event(), EventStatus.RECEIVED, AT)
    assert ProcrastinateJob.objects.get(task_name=inbox.PROCESS).args == {"event_id": str(stored.pk)}
    assert deliver(event(), key="msg_1").status_code == 200
    assert WebhookEvent.objects.count() == ProcrastinateJob.objects.count() == 1


OTHER = "whsec_" + base64.b64encode(b"somebody else's!").decode()


@pytest.mark.parametrize(
    "change",
    [
        {"secret": OTHER},
        {"age": 302},
        {"age": -302},
        {"signed": ""},
        {"signed": "v1,"},
        {"signed": "v1,é v2 ,,, v1"},
        {"signed": "v2,AAAA"},
        {"sent": b"{}", "signed": "v1,AAAA"},
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "10.0.0.1"},
    ],
)
def test_what_is_not_resends_own_is_refused(
    settings: Any, email: EmailLog, change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """WH-1: nothing is stored, and no secret is told."""
    settings.RESEND_WEBHOOK_ADDRESSES = ("127.0.0.1", "10.0.0.0/8")
    assert deliver(event(), **change).status_code == 400
    assert not WebhookEvent.objects.exists()
    assert LogEntry.objects.get().type == "WEBHOOK_REFUSED"
    assert SECRET not in caplog.text


def test_without_a_secret_nothing_is_genuine(settings: Any) -> None:
    """WH-1."""
    for none in ((), ("",)):
        settings.RESEND_WEBHOOK_SECRETS = none
        assert deliver(event()).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [b"", b"[]", b"1", b'{"type": "email.sent"}', b'{"type": 7, "data": {}}', b'{"type":' + b"[" * 50_000],
)
def test_a_signed_body_that_is_no_event_is_refused(wrong: bytes) -> None:
    """WH-1: never a failure of ours."""
    assert deliver(None, sent=wrong).status_code == 400
    assert not WebhookEvent.objects.exists()


def _row(email: EmailLog) -> tuple[Any, ...]:
    email.refresh_from_db()
    addresses = tuple(Suppression.objects.values_list("address", "reason"))
    return (
        email.status,
        email.delivered_at,
        email.bounce_type,
        email.bounce_message,
        email.ask_at,
        addresses,
    )


def test_any_order_says_the_same(email: EmailLog) -> None:
    """EM-2: the weightiest news counts, whichever came first and however often."""
    later = AT + timedelta(hours=1)
    events = [event("sent"), event("delivered"), event("bounced", at=later), event("complained", at=later)]
    wanted = (
        EmailStatus.COMPLAINED,
        AT,
        "Permanent",
        "no such user",
        None,
        (("reader@site.example", "complained"),),
    )
    for order in permutations(events):
        EmailLog.objects.filter(pk=email.pk).update(
            status=EmailStatus.SENT, delivered_at=None, bounce_type="", bounce_message="", ask_at=AT
        )
        Suppression.objects.all().delete()
        for one in (*order, order[0]):
            note_event(payload=one, now=clock.now())
        assert _row(email) == wanted, [one["type"] for one in order]


@pytest.mark.parametrize(
    ("news", "status", "failure", "is_suppressed"),
    [
        (event("sent"), "sent", "", False),
        (event("delivered"), "delivered", "", False),
        (event("delivery_delayed"), "sent", "", False),
        (event("opened"), "sent", "", False),
        (event("bounced"), "bounced", "", True),
        (event("bounced", bounce={"type": "Transient", "message": "full"}), "bounced", "", False),
        (event("bounced", bounce={"type": "Undetermined", "message": "?"}), "bounced", "", False),
        (event("complained"), "complained", "", True),
        (event("failed", failed={"reason": "reached_daily_quota"}), "failed", "not_delivered", False),
        (event("suppressed", suppressed={"message": "on a list"}), "failed", "suppressed", True),
    ],
)
def test_what_each_event_says(
    email: EmailLog, tell: Tell, news: dict[str, Any], status: str, failure: str, is_suppressed: bool
) -> None:
    """EM-2: what is final is final; hard bounces and complaints suppress further mail."""
    tell(news)
    email.refresh_from_db()
    assert (email.status, email.failure) == (status, failure)
    assert Suppression.objects.filter(address="reader@site.example").exists() is is_suppressed


def test_who_does_not_get_a_mail_about_their_call_is_told_in_the_app(email: EmailLog, tell: Tell) -> None:
    """EM-2: once, with the way to the call; of other mails nobody is told."""
    tell(event("bounced"), event("bounced"))
    told = Notification.objects.get()
    assert (told.recipient, told.params["variant"]) == (email.recipient, "mail_bounced")
    assert told.link == f"bookings/{email.metadata['booking']}"
    other = EmailLog.objects.create(
        dedupe_key="y", template="payout_paid", locale="en", time_zone="UTC", recipient=email.recipient,
        to=email.to, status=EmailStatus.SENT, provider_id="re-2",
    )  # fmt: skip
    tell(event("bounced", "re-2"))
    other.refresh_from_db()
    assert other.status == EmailStatus.BOUNCED
    assert Notification.objects.count() == 1


def test_news_that_overtake_the_answer_are_tried_again(email: EmailLog, tell: Tell) -> None:
    """WH-3: Resend may tell of a mail before we know its id; what is older and unknown is nobody's."""
    with pytest.raises(MailNotKnownYetError):
        tell(event("delivered", "re-new", at=clock.now()))
    early = WebhookEvent.objects.get()
    assert early.status == EventStatus.RECEIVED
    EmailLog.objects.filter(pk=email.pk).update(provider_id="re-new")
    process_event(event_id=early.pk, now=clock.now())
    email.refresh_from_db()
    assert email.status == EmailStatus.DELIVERED
    tell(event("delivered", "of another site"))
    assert WebhookEvent.objects.latest("received_at").status == EventStatus.PROCESSED
