"""Why a notification cannot be shown."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class NotificationNotFoundError(Refusal):
    """There is no such notification, or it is somebody else's: the answer is the same."""

    code = "notification_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This notification does not exist.")
