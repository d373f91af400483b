"""What is known of periodic jobs: each run, how each job stands, whether workers live, what admins were told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.core.ids import new_id


class Trigger(models.TextChoices):
    """What started a run."""

    SCHEDULE = "schedule", _("By the clock")
    HTTP = "http", _("By its cron route")
    ADMIN = "admin", _("By an admin")


class RunStatus(models.TextChoices):
    """How a run went."""

    RUNNING = "running", _("Running")
    SUCCESS = "success", _("Done")
    FAILURE = "failure", _("Failed")
    SKIPPED = "skipped", _("Skipped")


class Standing(models.TextChoices):
    """How a job stands."""

    NEW = "new", _("Has not run yet")
    RUNNING = "running", _("Running")
    WELL = "well", _("Runs as it should")
    FAILED = "failed", _("Its last run failed")
    FAILING = "failing", _("Keeps failing")
    SILENT = "silent", _("Does not run")


class CronExecution(models.Model):
    """One run of a periodic job; kept for 30 days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.CharField(max_length=48)
    trigger = models.CharField(max_length=8, choices=Trigger)
    status = models.CharField(max_length=8, choices=RunStatus, default=RunStatus.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True, help_text="milliseconds")
    statistics = models.JSONField(default=dict, blank=True, help_text="what it did, in numbers")
    error = models.TextField(blank=True, help_text="type and message of what it failed with")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_known"),
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="run_trigger_known"),
        )
        indexes = (
            models.Index(fields=["-started_at"], name="runs_by_start"),
            models.Index(fields=["job", "-started_at"], name="runs_by_job"),
            models.Index(fields=["status", "-started_at"], name="runs_by_status"),
        )

    def __str__(self) -> str:
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M:%S}: {self.status}"


class JobState(models.Model):
    """How a job stands: a few values that each of its runs renews, recorded or not."""

    name = models.CharField(primary_key=True, max_length=48)
    seen_at = models.DateTimeField(help_text="since when workers know the job")
    started_at = models.DateTimeField(null=True, blank=True, help_text="begin of the last run")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="end of the last run that ended")
    succeeded_at = models.DateTimeField(null=True, blank=True, help_text="end of the last run that went well")
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    fired_at = models.DateTimeField(
        null=True, blank=True, help_text="the time of a daily job that was last attended to"
    )

    def __str__(self) -> str:
        return self.name


class Pulse(models.Model):
    """That workers live: one row, renewed each minute by one of them."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    beat_at = models.DateTimeField()
    since = models.DateTimeField(help_text="beats come without a pause since")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_pulse"),)

    def __str__(self) -> str:
        return f"last beat {self.beat_at:%Y-%m-%d %H:%M:%S}"


class AlertKind(models.TextChoices):
    """What admins are told of."""

    JOB_FAILED = "job_failed", _("A job keeps failing")
    JOB_SILENT = "job_silent", _("A job does not run")
    WORKERS_SILENT = "workers_silent", _("No worker runs")
    MAIL_STUCK = "mail_stuck", _("Mails do not leave")


class Alert(models.Model):
    """Something that admins were told of, and are told of again when it is over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=AlertKind)
    key = models.CharField(max_length=48, blank=True, help_text="which one of its kind: the name of a job")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict, help_text="what the messages say")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(closed_at=None), name="one_open_alert"
            ),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_kind_known"),
        )
        indexes = (models.Index(fields=["-opened_at"], name="alerts_by_time"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class CronCaller(models.Model):
    """How often an address has called the cron routes in its present minute."""

    address = models.CharField(primary_key=True, max_length=64)
    since = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=["since"], name="cron_callers_by_age"),)

    def __str__(self) -> str:
        return self.address
