"""Signing up, in and out, passwords, second factors, devices (PE-1, LO-1, SE-1)."""

import json
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from callastar.accounts.models import Role, User
from callastar.audit.models import LogEntry
from callastar.mail.models import EmailLog
from tests.factories import PASSWORD, make_user
from tests.second_factors import current_code

pytestmark = pytest.mark.django_db

SIGNUP = {"name": "Ada", "email": "Ada@Example.com", "password1": PASSWORD, "timezone": "Asia/Tokyo"}


@pytest.fixture(autouse=True)
def _no_limits_from_before() -> None:
    cache.clear()


def _types() -> list[str]:
    return list(LogEntry.objects.order_by("created_at", "id").values_list("type", flat=True))


def _sign_in(client: Client, user: User, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/en/account/login/", {"login": user.email, "password": password, **extra})


def test_signing_up(client: Client) -> None:
    """PE-1: name, time zone; the language is the page's; the address must be confirmed."""
    answer = client.post("/en/account/signup/", SIGNUP)
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.name, user.timezone, user.locale) == (
        "ada@example.com",
        "Ada",
        "Asia/Tokyo",
        "en",
    )
    assert user.role == Role.USER
    assert user.password.startswith("argon2")
    assert not EmailAddress.objects.get().verified
    assert "_auth_user_id" not in client.session
    assert "USER_SIGNED_UP" in _types()
    assert EmailLog.objects.count() == 1


def test_the_browser_says_the_time_zone(client: Client) -> None:
    """PE-1: filled in; Europe/Paris when it says nothing."""
    chosen = re.compile(r'<option value="([^"]+)" selected>')
    assert chosen.findall(client.get("/fr/account/signup/").content.decode()) == ["Europe/Paris"]
    client.cookies["tz"] = "America/Lima"
    assert chosen.findall(client.get("/fr/account/signup/").content.decode()) == ["America/Lima"]
    client.cookies["tz"] = "Nowhere/Land"
    assert chosen.findall(client.get("/fr/account/signup/").content.decode()) == ["Europe/Paris"]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"timezone": "Mars/Base"}, {"password1": "12345678"}, {"email": "nobody"}]
)
def test_what_is_missing_or_wrong_is_told(client: Client, wrong: dict[str, str]) -> None:
    """PE-1."""
    answer = client.post("/en/account/signup/", {**SIGNUP, **wrong})
    assert "data-invalid" in answer.content.decode()
    assert not User.objects.exists()


def test_an_address_is_taken_once_whatever_its_case(client: Client) -> None:
    """PE-1: the database says so, and a stranger does not learn who has an account."""
    make_user(email="ada@example.com")
    answer = client.post("/en/account/signup/", SIGNUP)
    assert answer.status_code == 302
    assert User.objects.count() == 1
    with pytest.raises(IntegrityError):
        make_user(email="ADA@example.com")


def test_of_two_sign_ups_at_once_the_second_is_told_like_a_later_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PE-1: the other's row appears after the form was checked."""
    make_user(email="ada@example.com")
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.email_already_exists", lambda e: (e, False)
    )
    assert client.post("/en/account/signup/", SIGNUP).status_code == 302
    assert User.objects.count() == 1


def test_signing_in_and_out_is_logged(client: Client) -> None:
    """PE-1, LO-1."""
    user = make_user(password=PASSWORD)
    assert _sign_in(client, user).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    client.post("/en/account/logout/")
    assert "_auth_user_id" not in client.session
    assert _types() == ["USER_LOGIN", "USER_LOGOUT"]
    assert set(LogEntry.objects.values_list("actor_id", flat=True)) == {user.pk}


def test_a_failed_sign_in_is_logged_without_what_was_typed(client: Client) -> None:
    """LO-1: never a password; an account is named by its id."""
    user = make_user(password=PASSWORD)
    _sign_in(client, user, "a wrong password")
    entry = LogEntry.objects.get()
    assert (entry.type, entry.actor_kind, entry.metadata["account"]) == (
        "LOGIN_FAILED",
        "GUEST",
        str(user.pk),
    )
    written = entry.message + json.dumps(entry.metadata)
    assert "wrong password" not in written
    assert user.email not in written


def test_an_unconfirmed_address_does_not_sign_in(client: Client) -> None:
    """PE-1."""
    user = make_user(password=PASSWORD, verified=False)
    answer = _sign_in(client, user)
    assert answer.headers["Location"] == "/en/account/confirm-email/"
    assert "_auth_user_id" not in client.session


def test_a_blocked_person_does_not_sign_in(client: Client) -> None:
    """AD-4."""
    _sign_in(client, make_user(password=PASSWORD, is_active=False))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ("/en/creators/ada", "/en/creators/ada"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
    ],
)
def test_after_signing_in_one_goes_on_but_nowhere_else(client: Client, wish: str, place: str | None) -> None:
    """SE-1: no open redirect."""
    answer = _sign_in(client, make_user(password=PASSWORD), next=wish)
    assert answer.headers["Location"] == (place or reverse("bookings:list"))


def test_too_many_failures_are_refused(client: Client) -> None:
    """AP-4: five failures per account and five minutes, the right password included."""
    user = make_user(password=PASSWORD)
    for _ in range(5):
        _sign_in(client, user, "a wrong password")
    _sign_in(client, user)
    assert "_auth_user_id" not in client.session


def test_changing_the_password_is_logged(client: Client) -> None:
    """PE-1, LO-1."""
    user = make_user(password=PASSWORD)
    _sign_in(client, user)
    new = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    client.post("/en/account/password/change/", new)
    user.refresh_from_db()
    assert user.check_password("another long phrase")
    assert "PASSWORD_CHANGED" in _types()


def test_a_forgotten_password_sends_one_mail_and_says_the_same_to_everybody(client: Client) -> None:
    """PE-1: nobody learns who has an account."""
    user = make_user(password=PASSWORD)
    known = client.post("/en/account/password/reset/", {"email": user.email})
    unknown = client.post("/en/account/password/reset/", {"email": "nobody@example.com"})
    assert known.headers["Location"] == unknown.headers["Location"]
    assert EmailLog.objects.count() == 1


def test_a_second_factor_is_asked_for(client: Client) -> None:
    """PE-1: TOTP; a wrong code is logged."""
    user = make_user(password=PASSWORD)
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(user, secret)
    answer = _sign_in(client, user)
    assert answer.headers["Location"].startswith("/en/account/2fa/authenticate/")
    client.post("/en/account/2fa/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in client.session
    assert _types() == ["LOGIN_FAILED"]
    code = current_code(secret)
    client.post("/en/account/2fa/authenticate/", {"code": code})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_signing_out_everywhere(client: Client) -> None:
    """PE-1: the list of devices ends the others."""
    user = make_user(password=PASSWORD)
    other = Client()
    for device in (client, other):
        _sign_in(device, user)
        device.get("/en/account/profile")
    assert UserSession.objects.filter(user=user).count() == 2
    client.post("/en/account/sessions/")
    assert other.get("/en/account/profile").status_code == 302
    assert client.get("/en/account/profile").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_email",
        "account_change_password",
        "mfa_index",
        "mfa_list_webauthn",
        "usersessions_list",
        "accounts:profile",
    ],
)
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_page_of_the_account_is_there(client: Client, name: str, locale: str) -> None:
    """PE-1, UI-1."""
    path = f"/{locale}{reverse(name)[3:]}"
    if "login" not in name and "signup" not in name and "reset" not in name:
        client.force_login(make_user(locale=locale, password=PASSWORD))
    page = client.get(path)
    assert page.status_code == 200
    assert f'<html lang="{locale}">' in page.content.decode()
