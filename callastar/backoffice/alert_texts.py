"""What is said of alerts: the same as in the messages to admins, in the page's language and the viewer's zone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from callastar.backoffice.cells import Text, moment_text
from callastar.jobs.models import Alert, AlertKind
from callastar.jobs.queries import open_alerts, workers_silent_since
from callastar.notifications.alert_texts import ALERTS

_SHOWN = 5
_VARIANT = "destructive"


def alert_title(alert: Alert) -> str:
    """What stands still, in a few words."""
    return _written(ALERTS[alert.kind][0], alert.details)


def alert_message(alert: Alert) -> str:
    """What was known when it was told."""
    return _written(ALERTS[alert.kind][1], alert.details)


def banners(*, now: datetime) -> Iterator[tuple[str, Text]]:
    """What stands still now, for the first page; also that no worker runs, which nobody may have told yet."""
    alerts = list(open_alerts()[: _SHOWN + 1])
    for alert in alerts[:_SHOWN]:
        yield _VARIANT, f"{alert_title(alert)}. {alert_message(alert)}"
    if len(alerts) > _SHOWN:
        yield _VARIANT, _("More open alerts: %(count)s") % {"count": open_alerts().count() - _SHOWN}
    since = workers_silent_since(now=now)
    if since and not any(alert.kind == AlertKind.WORKERS_SILENT for alert in alerts):
        title, message = ALERTS[AlertKind.WORKERS_SILENT]
        yield _VARIANT, f"{title}. {_written(message, {'last_at': since.isoformat()})}"


def _written(text: object, params: Mapping[str, Any]) -> str:
    known = {name: _value(name, value) for name, value in params.items()}
    try:
        return str(text) % known
    except KeyError:  # told by an earlier version, which knew less
        return _("Nothing more is known.")


def _value(name: str, value: Any) -> str:
    return moment_text(datetime.fromisoformat(value)) if name.endswith("_at") else str(value)
