"""What Stripe still requires, in words (https://docs.stripe.com/connect/handling-api-verification)."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: tuple[tuple[str, Promise], ...] = (
    ("external_account", _("Your bank account")),
    ("tos_acceptance", _("Your agreement to Stripe’s terms")),
    ("individual.verification", _("A proof of your identity")),
    ("individual.dob", _("Your date of birth")),
    ("individual.address", _("Your address")),
    ("individual.email", _("Your email address")),
    ("individual.phone", _("Your phone number")),
    ("individual", _("Your name and personal details")),
    ("business_profile", _("What you do")),
)
_OTHER = _("More details, which Stripe asks you for")


def required_texts(requirements: Iterable[str]) -> list[str]:
    """One line for each thing that is still missing, in the page's language."""
    return list(dict.fromkeys(str(_words(name)) for name in requirements))


def _words(requirement: str) -> Promise:
    return next((words for prefix, words in _WORDS if requirement.startswith(prefix)), _OTHER)
