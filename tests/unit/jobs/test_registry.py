"""The list of periodic jobs, as workers get it."""

from procrastinate.contrib.django import app

from callastar.jobs.registry import JOBS
from callastar.mail.kinds import Priority


def test_no_periodic_job_waits_behind_mails() -> None:
    """JO-2, EM-6: hundreds of mails that leave after an outage keep neither reminders nor holds from their minute."""
    behind = [job.name for job in JOBS if app.tasks[job.name].priority < max(Priority)]
    assert behind == []
