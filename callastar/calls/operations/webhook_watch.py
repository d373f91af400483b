"""Daily stops posting events after three deliveries that failed: somebody has to look, and switch it on again."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level, LogEntry
from callastar.audit.operations import record
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify_admins
from callastar.providers.daily import webhooks
from callastar.providers.daily.events import EVENT_TYPES
from callastar.providers.daily.types import WebhookEndpoint

PATH = "/api/daily/webhook"
FAILED = "DAILY_WEBHOOK_FAILED"


def check_webhook(*, now: datetime) -> dict[str, int]:
    """Make sure that Daily posts its events to this site, signed with our first secret; answers what was to do.

    Admins are told once of each failure. Without a secret nothing could be verified, and nothing is asked for.
    Raises `ProviderError`: also when Daily, which tries the address first, does not reach it.
    """
    counts = {"created": 0, "switched_on": 0, "changed": 0}
    if not settings.DAILY_WEBHOOK_SECRETS:
        return counts
    ours = [one for one in webhooks.list_webhooks() if one.url == _address()]
    if not ours:
        made = webhooks.create_webhook(
            url=_address(), event_types=EVENT_TYPES, hmac=settings.DAILY_WEBHOOK_SECRETS[0]
        )
        _record("DAILY_WEBHOOK_CREATED", "Daily posts its events to this site now", made)
        return counts | {"created": 1}
    for endpoint in ours:
        if not endpoint.is_active:
            _tell_of_failure(endpoint, now)
            _set(endpoint)
            _record("DAILY_WEBHOOK_SWITCHED_ON", "Daily posts its events again", endpoint)
            counts["switched_on"] += 1
        elif not _is_as_wanted(endpoint):
            _set(endpoint)
            _record(
                "DAILY_WEBHOOK_CHANGED", "Daily posts other events, or signs with another secret", endpoint
            )
            counts["changed"] += 1
    return counts


def _address() -> str:
    return f"{settings.SITE_URL}{PATH}"


def _is_as_wanted(endpoint: WebhookEndpoint) -> bool:
    wanted = endpoint.event_types.issuperset(EVENT_TYPES)
    return wanted and endpoint.hmac == settings.DAILY_WEBHOOK_SECRETS[0]


def _set(endpoint: WebhookEndpoint) -> None:
    webhooks.update_webhook(
        uuid=endpoint.uuid,
        url=endpoint.url,
        event_types=EVENT_TYPES,
        hmac=settings.DAILY_WEBHOOK_SECRETS[0],
    )


def _tell_of_failure(endpoint: WebhookEndpoint, now: datetime) -> None:
    """Once for each time that it was switched on: until it is again, the same failure is found every hour."""
    failure = f"{endpoint.uuid} {endpoint.updated_at}"
    with transaction.atomic():
        if LogEntry.objects.filter(type=FAILED, metadata__failure=failure).exists():
            return
        record(
            type=FAILED,
            level=Level.ERROR,
            message="Daily has stopped posting its events: three deliveries had failed",
            failure=failure,
        )
        notify_admins(
            type=NotificationType.SYSTEM,
            params={"variant": "daily_webhook_failed"},
            link="dashboard/admin/webhooks/webhookevent/",
            dedupe_key=f"daily_webhook_failed:{failure}",
            now=now,
        )


def _record(type: str, message: str, endpoint: WebhookEndpoint) -> None:
    record(type=type, message=message, webhook=endpoint.uuid)
