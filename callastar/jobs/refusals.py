"""Why a periodic job is not started: stable codes, translated texts."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class CronNotConfiguredError(Refusal):
    """No secret is configured: nobody may call."""

    code = "cron_not_configured"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("Jobs cannot be started from outside: CRON_SECRET is not set.")


class CronAddressRefusedError(Refusal):
    """The caller's address is not one of those that may call."""

    code = "cron_address_refused"
    status = HTTPStatus.FORBIDDEN
    text = _("Jobs cannot be started from this address.")


class CronSecretInAddressError(Refusal):
    """The right secret, where it is written into logs on its way: it is not one any more."""

    code = "cron_secret_in_address"
    status = HTTPStatus.BAD_REQUEST
    text = _(
        "The secret belongs into the Authorization header. In the address, others can read it: replace it now."
    )


class CronSecretWrongError(Refusal):
    """No secret, or another one."""

    code = "cron_secret_wrong"
    status = HTTPStatus.UNAUTHORIZED
    text = _("This needs “Authorization: Bearer” with the secret of the cron routes.")


class TooManyCronCallsError(Refusal):
    """The address calls too often."""

    code = "too_many_requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    text = _("Too many requests. Please wait a moment.")

    def __init__(self, *, wait: int) -> None:
        super().__init__()
        self.retry_after = wait


class JobUnknownError(Refusal):
    """There is no job of that name that somebody could start."""

    code = "job_unknown"
    status = HTTPStatus.NOT_FOUND
    text = _("There is no such job.")


class JobWaitsError(Refusal):
    """A run of the job waits already."""

    code = "job_waits"
    text = _("A run of this job waits already and begins in a moment.")
