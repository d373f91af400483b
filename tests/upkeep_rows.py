"""What staff look at besides money: a job with its run and its alert, a mail that came back, a line of the log."""

from datetime import timedelta

from django.db.models import Model

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core import clock
from callastar.jobs.models import Alert, AlertKind, CronExecution, JobState, RunStatus, Trigger
from callastar.mail.models import EmailLog, EmailStatus, Suppression, SuppressionReason

JOB = "process-payouts"
SAID = "Lorem: ipsum dolor"


def everything() -> list[Model]:
    """One of each, in trouble where it can be; what the back office has pages for."""
    mail = lost_mail()
    said = record(type="LOREM_IPSUM", level=Level.ERROR, message=SAID, booking=mail.pk)
    return [*_job(), mail, suppression(mail), said]


def _job() -> list[Model]:
    now = clock.now()
    state, _ = JobState.objects.update_or_create(
        name=JOB, defaults={"seen_at": now, "started_at": now, "ended_at": now, "failures": 2}
    )
    run = CronExecution.objects.create(
        job=JOB,
        trigger=Trigger.HTTP,
        status=RunStatus.FAILURE,
        started_at=now - timedelta(seconds=90),
        ended_at=now,
        duration_ms=90_000,
        error=SAID,
    )
    details = {"job": JOB, "failures": 2, "error": SAID}
    alert = Alert.objects.create(kind=AlertKind.JOB_FAILED, key=JOB, opened_at=now, details=details)
    return [state, run, alert]


def lost_mail() -> EmailLog:
    """A mail that came back, with all that can be known of it."""
    now = clock.now()
    return EmailLog.objects.create(
        dedupe_key="lorem",
        template="payout_paid",
        locale="fr",
        time_zone="Europe/Paris",
        to="lorem@site.example",
        subject="Lorem ipsum",
        html="<!doctype html><title>Lorem</title><p style='color: #333'>Lorem ipsum</p>",
        text="Lorem ipsum\n",
        metadata={"payout": "lorem"},
        status=EmailStatus.BOUNCED,
        attempts=2,
        provider_id="lorem-1",
        bounce_type="Permanent",
        bounce_message=SAID,
        rendered_at=now,
        sent_at=now,
    )


def suppression(email: EmailLog) -> Suppression:
    """Its address, which gets only what is essential from then on."""
    return Suppression.objects.create(address=email.to, reason=SuppressionReason.BOUNCED, email=email)
