"""Becoming a creator and the public face (PE-2, PE-3)."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from callastar.accounts.models import Role, User
from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.creators.operations import ProfileData, become_creator
from callastar.creators.refusals import AlreadyCreatorError, SlugTakenError
from tests.factories import make_admin, make_creator, make_user

pytestmark = pytest.mark.django_db

FORM = {
    "slug": "ada",
    "category": "science",
    "expertise": "Numbers",
    "bio": "I count.",
    "country": "CH",
    "currency": "CHF",
}
PROFILE = ProfileData(slug="ada", bio="I count.", expertise="Numbers", category="science")


@pytest.fixture
def fan(client: Client) -> User:
    user = make_user(name="Ada")
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def _upload(name: str = "holiday.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (300, 300), "red").save(out, "JPEG", comment=b"private")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def test_the_form_makes_a_creator_whom_no_fan_sees_yet(client: Client, fan: User) -> None:
    """PE-2: until charges are enabled."""
    answer = client.post("/en/creators/become", {**FORM, "link_instagram": "https://instagram.com/ada"})
    assert answer.headers["Location"] == "/en/dashboard/creator"
    creator = Creator.objects.get()
    assert (creator.user, creator.slug, creator.currency, creator.stripe_country) == (fan, "ada", "CHF", "CH")
    assert creator.social_links == {"instagram": "https://instagram.com/ada"}
    fan.refresh_from_db()
    assert fan.role == Role.CREATOR
    assert LogEntry.objects.filter(type="CREATOR_CREATED", actor_id=fan.pk).exists()
    client.logout()
    assert client.get("/en/creators/ada").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"slug": "become"}, "small letters, digits and single hyphens"),
        ({"slug": "a b"}, "small letters, digits and single hyphens"),
        ({"link_tiktok": "https://evil.example/"}, "not an address of that network"),
        ({"link_other": "javascript:alert(1)"}, "Enter a web address"),
        ({"country": "KP"}, "Select a valid choice"),
        ({"currency": "JPY"}, "Select a valid choice"),
        ({"bio": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    client: Client, fan: User, wrong: dict[str, str], text: str
) -> None:
    """PE-2."""
    answer = client.post("/en/creators/become", {**FORM, **wrong})
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not Creator.objects.exists()


def test_an_address_is_one_creators(client: Client, fan: User) -> None:
    """PE-2."""
    make_creator(slug="ada")
    answer = client.post("/en/creators/become", FORM)
    assert answer.status_code == 422
    assert "This address is taken." in answer.content.decode()
    fan.refresh_from_db()
    assert fan.role == Role.USER


def test_nobody_becomes_a_creator_twice(client: Client, fan: User) -> None:
    """PE-2: 1-1 with a user."""
    become_creator(user=fan, profile=PROFILE, country="FR", currency="EUR", now=clock.now())
    with pytest.raises(AlreadyCreatorError):
        become_creator(
            user=fan,
            profile=ProfileData(slug="b-2", bio="", expertise="", category="art"),
            country="FR",
            currency="EUR",
            now=clock.now(),
        )
    assert client.get("/en/creators/become").headers["Location"] == "/en/dashboard/creator"
    with pytest.raises(SlugTakenError):
        become_creator(user=make_user(), profile=PROFILE, country="FR", currency="EUR", now=clock.now())


def test_an_admin_stays_one() -> None:
    """PE-1."""
    admin = make_admin()
    become_creator(user=admin, profile=PROFILE, country="FR", currency="EUR", now=clock.now())
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN


def test_images_are_kept_anew_and_served_as_such(client: Client, fan: User, tmp_path: Path) -> None:
    """PE-2: re-encoded, under a random name, never as uploaded."""
    client.post("/en/creators/become", {**FORM, "profile_image": _upload(), "banner_image": _upload()})
    creator = Creator.objects.get()
    assert {file.suffix for file in (tmp_path / "creators").iterdir()} == {".webp"}
    answer = client.get(creator.profile_image.url)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert b"private" not in answer.content
    with Image.open(BytesIO(answer.content)) as image:
        assert image.size == (960, 768)


def test_a_replaced_image_is_deleted(client: Client, fan: User, tmp_path: Path) -> None:
    """PE-2: changing texts alone keeps it."""
    client.post("/en/creators/become", {**FORM, "profile_image": _upload()})
    before = Creator.objects.get().profile_image.name
    client.post("/en/dashboard/creator/profile", {**FORM, "bio": "New words."})
    creator = Creator.objects.get()
    assert (creator.bio, creator.profile_image.name) == ("New words.", before)
    client.post("/en/dashboard/creator/profile", {**FORM, "profile_image": _upload()})
    assert Creator.objects.get().profile_image.name != before
    assert len(list((tmp_path / "creators").iterdir())) == 1


def test_what_is_no_picture_is_refused(client: Client, fan: User) -> None:
    """PE-2."""
    upload = SimpleUploadedFile("x.jpg", b"<svg onload='alert(1)'>", "image/jpeg")
    answer = client.post("/en/creators/become", {**FORM, "profile_image": upload})
    assert answer.status_code == 422
    assert "Choose a JPEG, PNG or WebP picture" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["nothing.webp", "../manage.py", "creators/../../config/settings.py", f"creators/{'0' * 32}.webp"]
)
def test_only_our_own_files_are_served(client: Client, name: str) -> None:
    """SE-1."""
    assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(("account", "expected"), [("", "GBP"), ("acct_1", "EUR")])
def test_the_currency_is_fixed_once_an_account_exists(client: Client, account: str, expected: str) -> None:
    """PE-2, OF-1."""
    creator = make_creator(payable=False, currency="EUR", stripe_country="FR", stripe_account_id=account)
    client.force_login(creator.user)
    client.post("/en/dashboard/creator/profile", {**FORM, "country": "GB", "currency": "GBP"})
    creator.refresh_from_db()
    assert (creator.slug, creator.currency) == ("ada", expected)


def test_one_edits_only_ones_own_page(client: Client, fan: User) -> None:
    """PE-3: a fan has none."""
    make_creator(slug="ada")
    assert client.get("/en/dashboard/creator/profile").headers["Location"] == "/en/creators/become"
