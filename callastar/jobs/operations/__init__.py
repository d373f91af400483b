"""Running periodic jobs, one run of each at a time; keeping their time; telling admins when they do not run."""

from callastar.jobs.operations.forget import forget_executions
from callastar.jobs.operations.rescue import note_rescue, retry_stalled_jobs

__all__ = ["forget_executions", "note_rescue", "retry_stalled_jobs"]
