"""Run stored events again, once what made them fail is mended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from callastar.webhooks.models import EventStatus, WebhookEvent
from callastar.webhooks.operations import inbox
from callastar.webhooks.refusals import EventForgottenError


class Command(BaseCommand):
    """Defers the job of an event again; carrying one out twice is harmless."""

    help = "Run a stored event again (evt_…), or all that are parked"

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("event_id", nargs="?", help="the provider's id of the event")
        which.add_argument("--parked", action="store_true", help="all events that kept failing")

    def handle(self, *args: Any, event_id: str | None = None, parked: bool = False, **options: Any) -> None:
        """Replay, or raise `CommandError` for an event that is not stored."""
        events = _chosen(event_id)
        if event_id and not events:
            raise CommandError(f"No event {event_id} is stored.")
        for event in events:
            _replay(event)
            self.stdout.write(f"{event.event_id} {event.type}: runs again")
        if not events:
            self.stdout.write("No event is parked.")


def _replay(event: WebhookEvent) -> None:
    try:
        inbox.replay_event(event_id=event.pk)
    except EventForgottenError as refusal:
        raise CommandError(f"{event.event_id}: {refusal.detail}") from refusal


def _chosen(event_id: str | None) -> "QuerySet[WebhookEvent]":
    if event_id:
        return WebhookEvent.objects.filter(event_id=event_id)
    parked = WebhookEvent.objects.filter(status=EventStatus.PARKED, payload_forgotten_at=None)
    return parked.order_by("occurred_at")
