"""`/api/auth/*`: signing in and out, one's own profile."""

from typing import Annotated
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout as django_logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema
from ninja.security import django_auth
from pydantic import AfterValidator, StringConstraints

from callastar.accounts import operations
from callastar.accounts.models import Locale, Role, User
from callastar.accounts.people import person
from callastar.accounts.refusals import (
    EmailNotVerifiedError,
    SecondFactorError,
    TooManySignInsError,
    WrongCredentialsError,
)
from callastar.core.api.fields import ProblemOut, Text
from callastar.core.timezones import known_zones

router = Router(tags=["auth"])


def _known_zone(value: str) -> str:
    if value not in known_zones():
        raise ValueError("unknown time zone")
    return value


class LoginIn(Schema):
    """Credentials; `code` is the authenticator app's where the account has a second factor."""

    email: Annotated[Text, StringConstraints(max_length=254)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    code: Annotated[Text, StringConstraints(max_length=32)] = ""


class PersonOut(Schema):
    """The signed-in person. `csrf_token` goes into the `X-CSRFToken` header of calls that change something."""

    id: UUID
    email: str
    name: str
    role: Role
    timezone: str
    locale: Locale
    csrf_token: str = ""


class ProfileIn(Schema):
    """What to change; what is left out stays."""

    name: Annotated[Text, StringConstraints(min_length=1, max_length=80)] | None = None
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = None
    locale: Locale | None = None


@router.post(
    "/login",
    auth=None,
    response={200: PersonOut, (401, 403, 422, 429): ProblemOut},
    summary="Sign in; the session is a cookie",
)
def login(request: HttpRequest, payload: LoginIn) -> PersonOut:
    """Sign in by email and password (and code). Too many failures: a 429 whose `Retry-After` says how long to wait."""
    user = _authenticate(request, payload)
    _check_second_factor(user, payload.code)
    get_adapter(request).login(request, user)
    return _person(request, user)


@router.post("/logout", auth=None, response={204: None}, summary="Sign out")
def logout(request: HttpRequest) -> HttpResponse:
    """End the session, if there is one."""
    django_logout(request)
    return HttpResponse(status=204)


@router.api_operation(
    ["POST", "PUT", "PATCH"],
    "/update-profile",
    auth=django_auth,
    response={200: PersonOut, (401, 403, 422): ProblemOut},
    summary="Change name, time zone or language",
)
def update_profile(request: HttpRequest, payload: ProfileIn) -> PersonOut:
    """Save what the person says about themselves."""
    user = person(request)
    operations.update_profile(
        user=user,
        name=payload.name or user.name,
        timezone=payload.timezone or user.timezone,
        locale=payload.locale or user.locale,
    )
    return _person(request, user)


def _authenticate(request: HttpRequest, payload: LoginIn) -> User:
    try:
        user = get_adapter(request).authenticate(request, email=payload.email, password=payload.password)
    except ValidationError as error:
        raise TooManySignInsError from error
    if user is None or not user.is_active:
        raise WrongCredentialsError
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise EmailNotVerifiedError
    return user


def _check_second_factor(user: User, code: str) -> None:
    if not is_mfa_enabled(user):
        return
    # The form that pages use: it counts the failures of an account, signals them and refuses a code's second use.
    form = AuthenticateForm(data={"code": code}, user=user)
    if form.has_error("code", code="too_many_login_attempts"):
        raise TooManySignInsError
    if not form.is_valid():
        raise SecondFactorError
    form.save()


def _person(request: HttpRequest, user: User) -> PersonOut:
    return PersonOut(
        id=user.pk,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        timezone=user.timezone,
        locale=Locale(user.locale),
        csrf_token=get_token(request),
    )
