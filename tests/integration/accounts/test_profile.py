"""The profile (PE-1, UI-1, UI-2) and when a person was last seen."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from callastar.audit.models import LogEntry
from callastar.core import clock
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_profile_changes_name_zone_and_language(client: Client) -> None:
    """PE-1: and the page's language with it."""
    user = make_user(locale="en")
    client.force_login(user)
    answer = client.post("/en/account/profile", {"name": "Ada", "timezone": "Asia/Tokyo", "locale": "fr"})
    assert answer.headers["Location"] == "/fr/account/profile"
    user.refresh_from_db()
    assert (user.name, user.timezone, user.locale) == ("Ada", "Asia/Tokyo", "fr")
    assert "Votre profil est enregistré." in client.get("/fr/account/profile").content.decode()
    entry = LogEntry.objects.get(type="PROFILE_UPDATED")
    assert entry.metadata == {"fields": "locale, name, timezone"}


@pytest.mark.parametrize("wrong", [{"name": ""}, {"timezone": "Mars/Base"}, {"locale": "de"}])
def test_nonsense_is_refused(client: Client, wrong: dict[str, str]) -> None:
    """PE-1: nothing changes."""
    user = make_user(name="Before")
    client.force_login(user)
    values = {"name": "Ada", "timezone": "Asia/Tokyo", "locale": "fr", **wrong}
    assert client.post("/en/account/profile", values).status_code == 422
    user.refresh_from_db()
    assert (user.name, user.timezone) == ("Before", "Europe/Paris")


def test_what_nobody_sees_is_no_part_of_a_name(client: Client) -> None:
    """PE-1, EM-2: no mail could hold it, as XML forbids it; a name of nothing else is none."""
    user = make_user(name="Before")
    client.force_login(user)
    values = {"timezone": "Asia/Tokyo", "locale": "en"}
    answers = [
        client.post("/en/account/profile", {**values, "name": name}).status_code
        for name in ("\x0b\uffff", "A\x00da", " A\x01d\x0ba\ufffe")
    ]
    assert answers == [422, 422, 302]
    user.refresh_from_db()
    assert user.name == "Ada"


def test_saving_what_is_there_already_logs_nothing(client: Client) -> None:
    user = make_user(name="Ada")
    client.force_login(user)
    client.post("/en/account/profile", {"name": "Ada", "timezone": "Europe/Paris", "locale": "en"})
    assert not LogEntry.objects.filter(type="PROFILE_UPDATED").exists()


def test_nobody_else_becomes_somebody_by_the_form(client: Client) -> None:
    """PE-3: role and address are not the profile's."""
    user = make_user(email="me@example.com")
    client.force_login(user)
    values = {
        "name": "Ada",
        "timezone": "Asia/Tokyo",
        "locale": "en",
        "role": "ADMIN",
        "email": "x@y.example",
    }
    client.post("/en/account/profile", values)
    user.refresh_from_db()
    assert (user.role, user.email) == ("USER", "me@example.com")


def test_guests_sign_in_first(client: Client) -> None:
    """PE-3."""
    answer = client.get("/en/account/profile")
    assert answer.headers["Location"] == "/en/account/login/?next=/en/account/profile"


def test_the_root_leads_to_the_accounts_language(client: Client) -> None:
    """UI-1: account, cookie, Accept-Language, then French."""
    assert client.get("/").headers["Location"] == "/fr/"
    assert client.get("/", headers={"accept-language": "en-GB"}).headers["Location"] == "/en/"
    client.cookies["django_language"] = "en"
    assert client.get("/").headers["Location"] == "/en/"
    client.force_login(make_user(locale="fr"))
    assert client.get("/").headers["Location"] == "/fr/"


def test_person_and_device_are_noted_every_five_minutes(client: Client) -> None:
    """PE-1: last seen; not written with every request (UI-8)."""
    user = make_user()
    client.force_login(user)
    client.get("/en/account/profile")
    user.refresh_from_db()
    first, device = user.last_seen_at, UserSession.objects.get().last_seen_at
    client.get("/en/account/profile")
    user.refresh_from_db()
    assert (user.last_seen_at, UserSession.objects.get().last_seen_at) == (first, device)
    with clock.shifted(timedelta(minutes=6)):
        client.get("/en/account/profile")
    user.refresh_from_db()
    assert user.last_seen_at > first
    assert UserSession.objects.get().last_seen_at > device
