"""Why a creator's wish cannot be met: stable codes, translated texts."""

from collections.abc import Mapping
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class AlreadyCreatorError(Refusal):
    """The person is a creator already."""

    code = "already_creator"
    text = _("You are a creator already.")


class SlugTakenError(Refusal):
    """Another creator has this address."""

    code = "slug_taken"
    text = _("This address is taken. Please choose another one.")

    @property
    def field_errors(self) -> Mapping[str, list[str]]:
        """It is about the slug."""
        return {"slug": [self.detail]}


class StripeUnavailableError(Refusal):
    """Stripe cannot be reached now."""

    code = "stripe_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("Stripe does not answer at the moment. Nothing is lost; please try again in a moment.")


class AccountRefusedError(Refusal):
    """Stripe does not open an account with what was given."""

    code = "account_refused"
    text = _("Stripe does not open an account with this country and currency. Please check your profile.")
