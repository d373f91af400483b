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
