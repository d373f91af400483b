"""`/api/cron/*`: starting periodic jobs from outside."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from callastar.core import clock
from callastar.core.api.fields import ProblemOut
from callastar.core.api.problems import problem
from callastar.jobs.access import CronSecret
from callastar.jobs.models import Trigger
from callastar.jobs.operations.outside import tell_if_no_worker_runs
from callastar.jobs.operations.run import Run, run_job
from callastar.jobs.refusals import JobUnknownError
from callastar.jobs.registry import job_named
from callastar.jobs.schemas import FailedRunOut, RunOut, run_out

router = Router(tags=["cron"], auth=CronSecret())
_ANSWERS = {200: RunOut, (400, 401, 403, 404, 429, 503): ProblemOut, 502: FailedRunOut}
_SUMMARY = "Run a periodic job now, and wait until it has ended"


@router.post("/{name}", response=_ANSWERS, summary=_SUMMARY)
def run_by_post(request: HttpRequest, name: str) -> RunOut | HttpResponse:
    """Answers with the execution. While another run of the job goes on, this one is `skipped`.

    A caller that hangs up does not stop it.
    """
    return _run(name)


@router.get("/{name}", response=_ANSWERS, summary=_SUMMARY)
def run_by_get(request: HttpRequest, name: str) -> RunOut | HttpResponse:
    """The same, for schedulers that know only GET."""
    return _run(name)


def _run(name: str) -> RunOut | HttpResponse:
    job = job_named(name)
    if job is None or job.is_inner:
        raise JobUnknownError
    run = run_job(name=name, trigger=Trigger.HTTP, now=clock.now())
    tell_if_no_worker_runs(now=clock.now())
    return run_out(run) if run.error is None else _failed(run)


def _failed(run: Run) -> HttpResponse:
    kept = run.execution
    return problem(
        status=HTTPStatus.BAD_GATEWAY,
        code="job_failed",
        detail=_("The job has failed. The back office shows with which error."),
        more={"execution_id": str(kept.pk), "job": kept.job} if kept else None,
    )
