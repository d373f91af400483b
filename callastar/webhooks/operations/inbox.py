"""The inbox: a verified event is stored once, with its job, and carried out later."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.queue import defer
from callastar.core.secrets import error_text
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify_admins
from callastar.providers.daily.types import DailyEvent
from callastar.providers.resend.types import ResendEvent
from callastar.providers.stripe.types import StripeEvent
from callastar.webhooks.handlers import HANDLERS
from callastar.webhooks.models import EventStatus, WebhookEvent
from callastar.webhooks.refusals import EventForgottenError

PROCESS = "webhooks.process_event"
STRIPE = "stripe"
DAILY = "daily"
RESEND = "resend"
_PARKED = {STRIPE: "event_parked", DAILY: "daily_event_parked", RESEND: "mail_event_parked"}
# Run again every hour by a job, after the half hour of its first tries.
MOST_RERUNS = 5


def store_stripe_event(*, event: StripeEvent, now: datetime) -> bool:
    """Insert the event and its job, unless it is stored already. Answers whether it is new."""
    return _store(
        WebhookEvent(
            provider=STRIPE,
            event_id=event.id,
            type=event.type,
            account=event.account,
            payload=event.payload,
            occurred_at=event.created,
            received_at=now,
        )
    )


def store_daily_event(*, event: DailyEvent, now: datetime) -> bool:
    """Insert the event and its job, unless it is stored already. Answers whether it is new."""
    return _store_plain(DAILY, event, now)


def store_resend_event(*, event: ResendEvent, now: datetime) -> bool:
    """Insert the event and its job, unless it is stored already. Answers whether it is new."""
    return _store_plain(RESEND, event, now)


def _store_plain(provider: str, event: DailyEvent | ResendEvent, now: datetime) -> bool:
    return _store(
        WebhookEvent(
            provider=provider,
            event_id=event.id,
            type=event.type,
            payload=event.payload,
            occurred_at=event.occurred_at or now,
            received_at=now,
        )
    )


def _store(event: WebhookEvent) -> bool:
    with transaction.atomic():
        WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
        is_new = WebhookEvent.objects.filter(pk=event.pk).exists()
        if is_new:
            defer(PROCESS, event_id=str(event.pk))
    return is_new


def process_event(*, event_id: UUID, now: datetime) -> WebhookEvent:
    """Carry out one event, as its handler does it. What fails is raised for the job to retry."""
    event = WebhookEvent.objects.get(pk=event_id)
    if event.status in {EventStatus.PROCESSED, EventStatus.IGNORED}:
        return event
    if event.payload_forgotten_at:
        raise EventForgottenError
    handle = HANDLERS.get((event.provider, event.type))
    if handle is None:
        return _finish(event, EventStatus.IGNORED, now)
    try:
        handle(event.payload, now)
    except Exception as error:
        _note_failure(event, error)
        raise
    return _finish(event, EventStatus.PROCESSED, now)


def _finish(event: WebhookEvent, status: EventStatus, now: datetime) -> WebhookEvent:
    event.status, event.error, event.processed_at = status, "", now
    event.attempts += 1
    event.save(update_fields=["status", "error", "attempts", "processed_at"])
    return event


def _note_failure(event: WebhookEvent, error: Exception) -> None:
    event.attempts += 1
    event.error = error_text(error)
    event.save(update_fields=["attempts", "error"])


def park_event(*, event_id: UUID, now: datetime) -> None:
    """Set an event aside that keeps failing: admins are told, once of each event, and can replay it."""
    with transaction.atomic():
        waiting = WebhookEvent.objects.filter(pk=event_id, status=EventStatus.RECEIVED)
        if waiting.update(status=EventStatus.PARKED):
            record(
                type="WEBHOOK_PARKED",
                level=Level.ERROR,
                message="A webhook event keeps failing and waits for an admin",
                webhook_event=event_id,
            )
            _tell_admins(WebhookEvent.objects.only("type", "provider").get(pk=event_id), now)


def _tell_admins(event: WebhookEvent, now: datetime) -> None:
    variant = _PARKED[event.provider]
    notify_admins(
        type=NotificationType.SYSTEM,
        params={"variant": variant, "event_type": event.type},
        link=f"dashboard/admin/webhooks/webhookevent/{event.pk}/change/",
        dedupe_key=f"event_parked:{event.pk}",
        now=now,
    )


def replay_event(*, event_id: UUID, actor: Actor = SYSTEM) -> None:
    """Run an event again, whatever became of it; if it is parked again, it is tried by itself as often as at first.

    Raises `EventForgottenError` if nobody knows any more what it said.
    """
    with transaction.atomic():
        known = WebhookEvent.objects.filter(pk=event_id, payload_forgotten_at=None)
        if not known.update(status=EventStatus.RECEIVED, error="", processed_at=None, reruns=0):
            raise EventForgottenError
        defer(PROCESS, event_id=str(event_id))
        record(
            type="WEBHOOK_REPLAYED",
            message="A webhook event is run again",
            actor=actor,
            webhook_event=event_id,
        )


def retry_parked() -> int:
    """Run parked events again, the oldest first, each `MOST_RERUNS` times at most; answers how many.

    The error stays to be seen until the event is carried out.
    """
    waiting = WebhookEvent.objects.filter(
        status=EventStatus.PARKED, reruns__lt=MOST_RERUNS, payload_forgotten_at=None
    )
    return sum(_retry(pk) for pk in list(waiting.order_by("occurred_at").values_list("pk", flat=True)))


def _retry(event_id: UUID) -> bool:
    with transaction.atomic():
        parked = WebhookEvent.objects.filter(
            pk=event_id, status=EventStatus.PARKED, reruns__lt=MOST_RERUNS
        ).update(status=EventStatus.RECEIVED, reruns=F("reruns") + 1)
        if parked:
            defer(PROCESS, event_id=str(event_id))
            record(
                type="WEBHOOK_RETRIED",
                message="A parked webhook event is run again by itself",
                webhook_event=event_id,
            )
    return bool(parked)
