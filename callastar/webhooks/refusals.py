"""Why an event cannot be run."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class EventForgottenError(Refusal):
    """What the provider sent is not kept for ever, and was deleted."""

    code = "event_forgotten"
    status = HTTPStatus.GONE
    text = _("This event cannot be run again: what it said has been deleted, as it is after 90 days.")
