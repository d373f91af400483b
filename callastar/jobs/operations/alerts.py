"""Alerts: what stands still is told to every admin once, in the app and by mail, and once more when it is over."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from callastar.accounts.models import Role, User
from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.jobs.models import Alert, AlertKind
from callastar.mail.alert_messages import alert_admin
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify_admins

_OVER = "_over"
_JOBS = "dashboard/admin/jobs/jobstate/"


@transaction.atomic
def open_alert(*, kind: AlertKind, key: str = "", details: Mapping[str, Any], now: datetime) -> bool:
    """Tell all admins of something, unless they know; answers whether they were told.

    `details` are what its text names, as plain JSON. Whoever opens the same alert at the same time waits and finds it.
    """
    alert = Alert(kind=kind, key=key, opened_at=now, details=dict(details))
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    if not Alert.objects.filter(pk=alert.pk).exists():
        return False
    _tell(alert, str(kind), now)
    return True


@transaction.atomic
def close_alert(*, kind: AlertKind, key: str = "", now: datetime) -> bool:
    """Tell all admins that it is over, if they had been told; answers whether they were."""
    open_ones = Alert.objects.filter(kind=kind, key=key, closed_at=None)
    alert = open_ones.select_for_update().first()
    if alert is None:
        return False
    _close(alert, now)
    return True


@transaction.atomic
def tell_afterwards(
    *, kind: AlertKind, key: str = "", details: Mapping[str, Any], began_at: datetime, now: datetime
) -> None:
    """Tell all admins of something that nobody could tell while it lasted, and that it is over."""
    if close_alert(kind=kind, key=key, now=now):
        return
    alert = Alert.objects.create(kind=kind, key=key, opened_at=began_at, details=dict(details))
    _close(alert, now)


def drop_alerts(*, keys: Iterable[str], now: datetime) -> int:
    """End alerts about what is not there any more, without a word: nothing works again."""
    return Alert.objects.filter(closed_at=None, key__in=list(keys)).update(closed_at=now)


def _close(alert: Alert, now: datetime) -> None:
    alert.closed_at = now
    alert.save(update_fields=["closed_at"])
    _tell(alert, f"{alert.kind}{_OVER}", now)


def _tell(alert: Alert, what: str, now: datetime) -> None:
    is_over = what.endswith(_OVER)
    record(
        type="ALERT_CLOSED" if is_over else "ALERT_OPENED",
        level=Level.INFO if is_over else Level.CRITICAL,
        message=f"Admins are told: {what} {alert.key}".rstrip(),
        alert=alert.pk,
        **alert.details,
    )
    params = {**alert.details, "opened_at": alert.opened_at.isoformat(), "over_at": now.isoformat()}
    path = f"{_JOBS}{alert.key}/change/" if alert.key else "dashboard/admin/"
    notify_admins(
        type=NotificationType.SYSTEM,
        params={"variant": what, **params},
        link=path,
        dedupe_key=f"alert:{alert.pk}:{what}",
        now=now,
    )
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk"):
        alert_admin(to=admin, alert_id=alert.pk, what=what, params=params, path=path)
