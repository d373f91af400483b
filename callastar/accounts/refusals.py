"""Why somebody is not signed in: stable codes, translated texts."""

from http import HTTPStatus

from allauth.core.internal.ratelimit import get_rates
from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class WrongCredentialsError(Refusal):
    """No such account, or not this password: the answer is the same."""

    code = "wrong_credentials"
    status = HTTPStatus.UNAUTHORIZED
    text = _("This email address and password do not fit together.")


class TooManySignInsError(Refusal):
    """Too many failures for this account or address."""

    code = "too_many_sign_ins"
    status = HTTPStatus.TOO_MANY_REQUESTS
    text = _("Too many failed sign-ins. Please wait a few minutes.")

    def __init__(self) -> None:
        super().__init__()
        self.retry_after = _longest_window()


class EmailNotVerifiedError(Refusal):
    """The address has not been confirmed yet."""

    code = "email_not_verified"
    status = HTTPStatus.FORBIDDEN
    text = _("Please confirm your email address first.")


class SecondFactorError(Refusal):
    """The account has a second factor: its code is missing or wrong."""

    code = "second_factor_required"
    status = HTTPStatus.UNAUTHORIZED
    text = _("Please give the code of your authenticator app.")


def _longest_window() -> int:
    """Seconds after which every limit on failed sign-ins has forgotten the failures up to now."""
    rates = get_rates(app="allauth.account", action="login_failed")
    return int(max((rate.duration for rate in rates), default=0))
