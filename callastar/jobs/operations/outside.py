"""What can be noticed, and told, where no worker runs: by a web process that somebody asks."""

from datetime import datetime
from time import monotonic

import structlog
from django.db import transaction

from callastar.core.queue import Later
from callastar.jobs.models import AlertKind, Pulse
from callastar.jobs.operations.alerts import open_alert
from callastar.jobs.queries import open_alerts, workers_silent_since
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations.turns import send_in_turn

FEW = 5  # mails that one who asks waits for
LONGEST = 5.0  # seconds, after which no other mail is begun

_log = structlog.get_logger("callastar.jobs")


def tell_if_no_worker_runs(*, now: datetime) -> datetime | None:
    """Since when no worker was heard of, if that is too long; admins are told once.

    Nobody would send those mails: the process that is asked does it itself, a few at a time. What the provider does
    not take now is tried again by whoever asks next. That they cannot be told changes no answer.
    """
    since = workers_silent_since(now=now)
    if since is not None:
        try:
            _tell(now)
            _send_mails(now)
        except Exception:
            _log.exception("nobody could be told that no worker runs")
    return since


@transaction.atomic
def _tell(now: datetime) -> None:
    """Not if a worker comes back in this moment, which waits for this, or was faster."""
    Pulse.objects.select_for_update().first()
    since = workers_silent_since(now=now)
    if since is not None:
        open_alert(kind=AlertKind.WORKERS_SILENT, details={"last_at": since.isoformat()}, now=now)


def _send_mails(now: datetime) -> None:
    alerts = [
        str(pk) for pk in open_alerts().filter(kind=AlertKind.WORKERS_SILENT).values_list("pk", flat=True)
    ]
    mails = EmailLog.objects.filter(
        template="alert_admin", status=EmailStatus.PENDING, metadata__alert__in=alerts
    )
    begin = monotonic()
    for email_id in mails.order_by("attempts", "pk").values_list("pk", flat=True)[:FEW]:
        if monotonic() - begin > LONGEST:
            return
        try:
            send_in_turn(email_id=email_id, now=now)
        except Later:
            continue  # while the provider is left alone the others end here as well, at once
        except Exception:
            _log.exception("an alert could not be sent", email_id=str(email_id))
