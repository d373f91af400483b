"""Why a wish about mails is not followed: stable codes, translated texts."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class UnsubscribeLinkError(Refusal):
    """The link was not made here, or its person or kind of mail is gone: the answer is the same."""

    code = "unsubscribe_link_invalid"
    status = HTTPStatus.NOT_FOUND
    text = _("It may be incomplete: please open it from the mail again. Nothing was changed.")


class UnknownEmailKindError(Refusal):
    """Nobody in this role gets mails of that kind, or nobody has a choice about them."""

    code = "email_kind_unknown"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("There is no such kind of mail that you could choose: %(kind)s.")


class EmailNotLostError(Refusal):
    """The mail has arrived, waits, or was not needed any more."""

    code = "email_not_lost"
    text = _("Only a mail that failed or came back can be sent once more.")


class EmailHoldsSecretError(Refusal):
    """The mail held a link that nobody may keep."""

    code = "email_holds_secret"
    text = _("This mail held a secret link, which is not kept: its reader has to ask for a new one.")


class EmailOutOfDateError(Refusal):
    """What the mail said is over, or forgotten."""

    code = "email_out_of_date"
    text = _("What this mail said is over, or is not kept any more.")
