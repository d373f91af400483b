"""Periodic jobs: when each runs and how it stands, what became of its runs, what admins were told; running one now."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.people import person
from callastar.backoffice import cells, filters
from callastar.backoffice.alert_texts import alert_message, alert_title
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Table, table
from callastar.core import clock
from callastar.jobs.models import Alert, AlertKind, CronExecution, JobState, Pulse, RunStatus, Standing
from callastar.jobs.operations.ask import ask_for_run
from callastar.jobs.operations.notes import see_jobs
from callastar.jobs.queries import open_alerts, standing
from callastar.jobs.registry import JOBS, job_named
from callastar.jobs.schedule import Daily, Schedule

_NAMES = tuple(job.name for job in JOBS)
_LAST_RUNS = 20


def schedule_text(when: Schedule) -> str:
    """When a job runs, in words."""
    if isinstance(when, Daily):
        return _("every day at %(time)s (%(zone)s)") % {"time": f"{when.at:%H:%M}", "zone": when.zone}
    seconds = int(when.period.total_seconds())
    if seconds < 60:
        return _("every %(count)s seconds") % {"count": seconds}
    minutes = seconds // 60
    if minutes == 1:
        return _("every minute")
    return _("every hour") if minutes == 60 else _("every %(count)s minutes") % {"count": minutes}


def _schedule(state: JobState) -> Schedule | None:
    job = job_named(state.name)
    return job.when if job else None


@admin.display(description=gettext_lazy("When"))
def _when(state: JobState) -> str:
    when = _schedule(state)
    return schedule_text(when) if when else cells.NOTHING


@admin.display(description=gettext_lazy("Next run"))
def _next_run(state: JobState) -> str:
    when = _schedule(state)
    return cells.moment_text(when.following(clock.now())) if when else cells.NOTHING


@admin.display(description=gettext_lazy("How it stands"))
def _standing(state: JobState) -> str:
    when = _schedule(state)
    if when is None:
        return cells.NOTHING
    found = standing(state, when, since=getattr(state, "workers_since", None), now=clock.now())
    return cells.badge(found, Standing(found).label)


@admin.display(description=gettext_lazy("Took"))
def _took(run: CronExecution) -> str:
    if run.duration_ms is None:
        return cells.NOTHING
    if run.duration_ms < 1000:
        return f"{run.duration_ms}\N{NO-BREAK SPACE}ms"
    return f"{number_format(run.duration_ms / 1000, 1)}\N{NO-BREAK SPACE}s"


@admin.display(description=gettext_lazy("What it did"))
def _did(run: CronExecution) -> str:
    counts = ", ".join(f"{name}: {count}" for name, count in run.statistics.items() if count)
    return format_html('<span lang="en">{}</span>', counts) if counts else cells.NOTHING


_STARTED = cells.moment("", "started_at")
_RUNS: Sequence[cells.Cell] = (
    cells.link(gettext_lazy("Started"), "jobs_cronexecution", "pk", _STARTED),
    cells.status(gettext_lazy("Status")),
    cells.text(gettext_lazy("Why"), "get_trigger_display"),
    _took,
    _did,
    cells.log_line(gettext_lazy("Error"), "error"),
)


@admin.display(description=gettext_lazy("What"))
def _what(alert: Alert) -> str:
    return alert_title(alert)


@admin.display(description=gettext_lazy("What was told"))
def _told(alert: Alert) -> str:
    return alert_message(alert)


@admin.display(description=gettext_lazy("State"))
def _is_open(alert: Alert) -> str:
    return cells.badge("", _("Over")) if alert.closed_at else cells.badge("failed", _("Lasts"))


_ALERTS: Sequence[cells.Cell] = (
    cells.link(gettext_lazy("Began"), "jobs_alert", "pk", cells.moment("", "opened_at")),
    _what,
    _is_open,
    cells.moment(gettext_lazy("Ended"), "closed_at"),
)


@admin.register(JobState, site=site)
class JobStateAdmin(ReadOnlyAdmin):
    """Every job of the registry."""

    title = gettext_lazy("Jobs")
    title_of_one = gettext_lazy("Job")
    list_display = (
        cells.code(gettext_lazy("Name"), "name"),
        _when,
        _standing,
        cells.moment(gettext_lazy("Last run"), "started_at"),
        _next_run,
        cells.text(gettext_lazy("Failures in a row"), "failures"),
    )
    ordering = ("name",)
    shown = (
        (
            gettext_lazy("Job"),
            (
                cells.code(gettext_lazy("Name"), "name"),
                _when,
                _standing,
                _next_run,
            ),
        ),
        (
            gettext_lazy("Runs"),
            (
                cells.moment(gettext_lazy("Last run"), "started_at"),
                cells.moment(gettext_lazy("Ended"), "ended_at"),
                cells.moment(gettext_lazy("Last one that went well"), "succeeded_at"),
                cells.text(gettext_lazy("Failures in a row"), "failures"),
            ),
        ),
    )
    posted = ("run",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobState]:
        since = Subquery(Pulse.objects.values("since")[:1])
        return super().get_queryset(request).filter(name__in=_NAMES).annotate(workers_since=since)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """All jobs, also on a site where no worker has run yet."""
        see_jobs(_NAMES, now=clock.now())
        return super().changelist_view(request, extra_context)

    def alerts(self, row: JobState) -> Iterator[tuple[str, cells.Text]]:
        """What admins were told and is not over."""
        for alert in open_alerts().filter(key=row.name):
            yield "destructive", alert_message(alert)

    def acts(self, row: JobState) -> Iterator[Act]:
        """Running it now; those of the clock itself only the clock runs."""
        job = job_named(row.name)
        if job is not None and not job.is_inner:
            yield Act(
                _("Run now"),
                self.url("run", row),
                is_post=True,
                variant="primary",
                question=_("Have this job run now?"),
            )

    def tables(self, row: JobState) -> Sequence[Table]:
        """Its last runs, and what was told of it."""
        runs = CronExecution.objects.filter(job=row.name).order_by("-started_at")[:_LAST_RUNS]
        told = Alert.objects.filter(key=row.name).order_by("-opened_at")[:_LAST_RUNS]
        note = _("Jobs that run more often than each minute appear only when they did something or failed.")
        return [table(_("Last runs"), runs, _RUNS, note=note), table(_("Alerts"), told, _ALERTS)]

    def run(self, request: HttpRequest, row: JobState) -> HttpResponse:
        """Have a worker run it."""
        return self.carry_out(
            request,
            row,
            lambda: ask_for_run(name=row.name, admin=person(request), now=clock.now()),
            done=_("The job runs in a moment; its run then appears below."),
        )


class JobFilter(SimpleListFilter):
    """By job."""

    title = gettext_lazy("Job")
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(_NAMES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(job=self.value()) if self.value() else queryset


@admin.register(CronExecution, site=site)
class CronExecutionAdmin(ReadOnlyAdmin):
    """Runs of jobs, the last one first."""

    title = gettext_lazy("Executions")
    title_of_one = gettext_lazy("Execution")
    list_display = (
        cells.moment(gettext_lazy("Started"), "started_at", ordering="started_at"),
        cells.code(gettext_lazy("Job"), "job"),
        cells.status(gettext_lazy("Status")),
        cells.text(gettext_lazy("Why"), "get_trigger_display"),
        _took,
        _did,
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.choices("trigger", gettext_lazy("Why")),
        JobFilter,
        filters.date("started_at", gettext_lazy("Started")),
    )
    ordering = ("-started_at",)
    shown = (
        (
            gettext_lazy("Execution"),
            (
                cells.link(gettext_lazy("Job"), "jobs_jobstate", "job", "job"),
                cells.status(gettext_lazy("Status")),
                cells.text(gettext_lazy("Why"), "get_trigger_display"),
                cells.moment(gettext_lazy("Started"), "started_at"),
                cells.moment(gettext_lazy("Ended"), "ended_at"),
                _took,
                cells.code(gettext_lazy("Id"), "pk"),
            ),
        ),
        (
            gettext_lazy("What it did"),
            (
                cells.document(gettext_lazy("Statistics"), "statistics"),
                cells.log_line(gettext_lazy("Error"), "error"),
            ),
        ),
    )

    def alerts(self, row: CronExecution) -> Iterator[tuple[str, cells.Text]]:
        """Why there is nothing to see of one that was skipped."""
        if row.status == RunStatus.SKIPPED:
            yield "info", _("Another run of this job went on.")


class OpenFilter(SimpleListFilter):
    """Whether it lasts."""

    title = gettext_lazy("State")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Lasts")), ("no", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "yes")


@admin.register(Alert, site=site)
class AlertAdmin(ReadOnlyAdmin):
    """What admins were told, the last one first."""

    title = gettext_lazy("Alerts")
    title_of_one = gettext_lazy("Alert")
    list_display = (
        cells.moment(gettext_lazy("Began"), "opened_at", ordering="opened_at"),
        _what,
        _is_open,
        cells.moment(gettext_lazy("Ended"), "closed_at"),
    )
    list_filter = (OpenFilter, filters.choices("kind", gettext_lazy("Kind")))
    ordering = ("-opened_at",)
    shown = (
        (
            gettext_lazy("Alert"),
            (
                _what,
                _told,
                _is_open,
                cells.link(gettext_lazy("Job"), "jobs_jobstate", "key", "key"),
                cells.moment(gettext_lazy("Began"), "opened_at"),
                cells.moment(gettext_lazy("Ended"), "closed_at"),
            ),
        ),
    )

    def alerts(self, row: Alert) -> Iterator[tuple[str, cells.Text]]:
        """What to do about it."""
        if row.closed_at is None:
            yield "warning", _ADVICE[AlertKind(row.kind)]


_ADVICE: dict[AlertKind, cells.Text] = {
    AlertKind.JOB_FAILED: gettext_lazy(
        "Look at the error of its last runs. It is tried again by itself; admins hear when it works again."
    ),
    AlertKind.JOB_SILENT: gettext_lazy(
        "Look whether an earlier run of it goes on and on, and whether the workers have enough places."
    ),
    AlertKind.WORKERS_SILENT: gettext_lazy("Start a worker: what waits is done by itself."),
    AlertKind.MAIL_STUCK: gettext_lazy(
        "Look at Resend’s status, and at the errors of the mails. They leave by themselves when it answers again."
    ),
}
