"""What admins are told when periodic jobs, workers or mails stand still, and when they go on; mails say the same."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# what: title and message; `…_over` is said once more when all is well again
ALERTS: dict[str, tuple[Text, Text]] = {
    "job_failed": (
        _("The job “%(job)s” keeps failing"),
        _("It has failed %(failures)s times in a row. The last error: %(error)s"),
    ),
    "job_failed_over": (
        _("The job “%(job)s” works again"),
        _("It had kept failing since %(opened_at)s. Its last run went well."),
    ),
    "job_silent": (
        _("The job “%(job)s” does not run"),
        _("Nothing was heard of it since %(last_at)s: it has missed three of its times."),
    ),
    "job_silent_over": (
        _("The job “%(job)s” runs again"),
        _("Nothing had been heard of it since %(last_at)s."),
    ),
    "workers_silent": (
        _("No worker runs"),
        _("Nothing was heard of one since %(last_at)s. Mails, refunds and rooms wait until one is started."),
    ),
    "workers_silent_over": (
        _("Workers run again"),
        _("No worker ran from %(last_at)s to %(over_at)s. What waited is being done now."),
    ),
    "mail_stuck": (
        _("Mails do not leave"),
        _("Mails that wait to be sent: %(count)s. The oldest one waits since %(oldest_at)s."),
    ),
    "mail_stuck_over": (_("Mails leave again"), _("The oldest one had waited since %(oldest_at)s.")),
}
