"""What can be noticed, and told, where no worker runs: by a web process that somebody asks."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from callastar.core.errors import ProviderError
from callastar.jobs.models import AlertKind, Pulse
from callastar.jobs.operations.alerts import open_alert
from callastar.jobs.queries import open_alerts, workers_silent_since
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations import EmailBusy, send_email


def tell_if_no_worker_runs(*, now: datetime) -> datetime | None:
    """Since when no worker was heard of, if that is too long; admins are told once.

    Nobody would send those mails: this process sends them itself. What the provider does not take now waits for a
    worker as all mails do.
    """
    since = workers_silent_since(now=now)
    if since is not None and _tell(now):
        _send_mails(now)
    return since


@transaction.atomic
def _tell(now: datetime) -> bool:
    """Whether admins are told now; not if a worker comes back in this moment, which waits for this, or was faster."""
    Pulse.objects.select_for_update().first()
    since = workers_silent_since(now=now)
    if since is None:
        return False
    return open_alert(kind=AlertKind.WORKERS_SILENT, details={"last_at": since.isoformat()}, now=now)


def _send_mails(now: datetime) -> None:
    alerts = [
        str(pk) for pk in open_alerts().filter(kind=AlertKind.WORKERS_SILENT).values_list("pk", flat=True)
    ]
    mails = EmailLog.objects.filter(
        template="alert_admin", status=EmailStatus.PENDING, metadata__alert__in=alerts
    )
    for email_id in mails.values_list("pk", flat=True):
        with suppress(ProviderError, EmailBusy):
            send_email(email_id=email_id, now=now)
