"""AP-1: signing in and out over the API, one's own profile."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from callastar.audit.models import LogEntry
from tests.factories import PASSWORD, make_user
from tests.second_factors import add_recovery_codes, add_totp, current_code

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_attempts_before():
    cache.clear()


@pytest.fixture
def client():
    """A browser that checks forgery as real ones are checked."""
    return Client(enforce_csrf_checks=True)


def send(client, method, path, body, **headers):
    return client.generic(
        method, f"/api/{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def sign_in(client, user, **more):
    return send(client, "POST", "auth/login", {"email": user.email, "password": PASSWORD, **more})


def code_of(answer) -> str:
    return json.loads(answer.content)["code"]


def test_signing_in_gives_a_session_and_a_token_for_what_changes_something(client):
    """AP-1, AP-2, LO-1: without the token nothing is changed."""
    user = make_user(password=PASSWORD, name="Before")
    answer = sign_in(client, user, email=user.email.upper())
    me = json.loads(answer.content)
    assert (answer.status_code, me["email"], me["role"]) == (200, user.email, "USER")
    assert client.get("/api/bookings").status_code == 200
    assert send(client, "PATCH", "auth/update-profile", {"name": "After"}).status_code == 403
    changed = send(
        client, "PATCH", "auth/update-profile", {"name": "After"}, **{"X-CSRFToken": me["csrf_token"]}
    )
    assert (changed.status_code, json.loads(changed.content)["name"]) == (200, "After")
    assert LogEntry.objects.filter(type="USER_LOGIN", actor_id=user.pk).count() == 1


def test_signing_out_ends_the_session(client):
    sign_in(client, make_user(password=PASSWORD))
    assert send(client, "POST", "auth/logout", {}).status_code == 204
    assert client.get("/api/bookings").status_code == 401


def test_a_wrong_password_and_an_unknown_address_are_told_alike(client):
    user = make_user(password=PASSWORD)
    wrong = send(client, "POST", "auth/login", {"email": user.email, "password": "not it"})
    unknown = send(client, "POST", "auth/login", {"email": "nobody@example.com", "password": "not it"})
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert code_of(wrong) == "wrong_credentials"


def test_guessing_is_stopped(client):
    """AP-4: five failures of one account."""
    user = make_user(password=PASSWORD)
    for _ in range(5):
        send(client, "POST", "auth/login", {"email": user.email, "password": "not it"})
    answer = sign_in(client, user)
    assert (answer.status_code, code_of(answer), answer["Retry-After"]) == (429, "too_many_sign_ins", "300")


def test_who_has_not_confirmed_their_address_is_not_let_in(client):
    """PE-1."""
    user = make_user(password=PASSWORD, verified=False)
    assert not EmailAddress.objects.filter(user=user, verified=True).exists()
    answer = sign_in(client, user)
    assert (answer.status_code, code_of(answer)) == (403, "email_not_verified")
    assert client.get("/api/bookings").status_code == 401


def test_who_is_blocked_is_not_let_in(client):
    user = make_user(password=PASSWORD, is_active=False)
    assert sign_in(client, user).status_code == 401


def test_a_second_factor_is_asked_for(client):
    """PE-1: the password alone opens nothing."""
    user = make_user(password=PASSWORD)
    secret = add_totp(user)
    without = sign_in(client, user)
    assert (without.status_code, code_of(without)) == (401, "second_factor_required")
    assert sign_in(client, user, code="000000").status_code == 401
    assert sign_in(client, user, code=current_code(secret)).status_code == 200
    assert Authenticator.objects.get(user=user).last_used_at


def test_guessing_a_second_factor_is_stopped_and_written_down(client):
    """AP-4, LO-1: five wrong codes of one account, and then not even the right one; asking without a code is free."""
    user = make_user(password=PASSWORD)
    secret = add_totp(user)
    spare = add_recovery_codes(user)
    assert {sign_in(client, user).status_code for _ in range(6)} == {401}
    assert {sign_in(client, user, code="000000").status_code for _ in range(5)} == {401}
    for code in (current_code(secret), spare[0]):
        answer = sign_in(client, user, code=code)
        assert (answer.status_code, code_of(answer)) == (429, "too_many_sign_ins")
        assert answer["Retry-After"] == "300"
    failures = LogEntry.objects.filter(type="LOGIN_FAILED")
    assert [entry.metadata["step"] for entry in failures] == ["second factor"] * 5
    assert client.get("/api/bookings").status_code == 401


def test_a_recovery_code_opens_once(client):
    """PE-1."""
    user = make_user(password=PASSWORD)
    add_totp(user)
    code = add_recovery_codes(user)[0]
    assert sign_in(client, user, code=code).status_code == 200
    send(client, "POST", "auth/logout", {})
    assert sign_in(client, user, code=code).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"timezone": "Mars/Olympus"},
        {"locale": "de"},
        {"name": ""},
        {"name": "x" * 81},
        {"name": "a\x00b"},
        {"name": "\x0b\uffff"},
    ],
)
def test_a_profile_that_cannot_be_is_refused(client, body):
    user = make_user(password=PASSWORD)
    token = json.loads(sign_in(client, user).content)["csrf_token"]
    answer = send(client, "PATCH", "auth/update-profile", body, **{"X-CSRFToken": token})
    assert (answer.status_code, code_of(answer)) == (422, "invalid")
    assert list(json.loads(answer.content)["errors"]) == list(body)
