"""Who may enter the back office: people of the staff who have shown a second factor in this session."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from callastar.accounts.models import User

SECOND_FACTOR = "mfa"  # allauth's name of the method, in the session


def is_staff(user: User) -> bool:
    """Whether a signed-in person works for the platform."""
    return user.is_active and user.is_staff


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the person gave a code, a security key or a passkey in this session."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == SECOND_FACTOR for record in records)


def way_to_second_factor(request: HttpRequest) -> tuple[str, bool]:
    """Where the person gives a second factor and comes back, and whether they have one; else where it is set up."""
    types = Authenticator.Type
    if is_mfa_enabled(request.user, types=[types.TOTP]):
        page = "mfa_reauthenticate"
    elif is_mfa_enabled(request.user, types=[types.WEBAUTHN]):
        page = "mfa_reauthenticate_webauthn"
    else:
        return reverse("mfa_index"), False
    return f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}", True
