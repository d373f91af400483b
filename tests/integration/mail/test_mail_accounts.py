"""allauth's mails: through the log, in the person's language, telling nobody who has an account (EM-1, EM-3, EM-5)."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from callastar.accounts.models import User
from callastar.core import clock
from callastar.mail.account_adapter import MailAccountAdapter
from callastar.mail.models import EmailLog
from callastar.mail.operations import send_email
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

SIGNUP = {"name": "Zoé", "password1": PASSWORD, "timezone": "Europe/Paris"}


@pytest.fixture(autouse=True)
def _no_rate_limits_left_over() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _land_anywhere(settings: Settings) -> None:
    """Where one lands after signing in is not the matter here."""
    settings.LOGIN_REDIRECT_URL = "root"


def _post(name: str, data: dict[str, Any], *, locale: str = "fr", client: Client | None = None) -> Any:
    with translation.override(locale):
        return (client or Client()).post(reverse(name), data)


def _link(email: EmailLog, mailoutbox: list[Any]) -> str:
    """Send the mail; the first address in its text."""
    send_email(email_id=email.pk, now=clock.now())
    return re.search(r"https?://\S+", mailoutbox[-1].body).group()  # type: ignore[union-attr]


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_signing_up_asks_to_confirm_the_address(locale: str, mailoutbox: list[Any]) -> None:
    """EM-5 verify address; EM-3 its language; the link leads to our confirmation page."""
    _post("account_signup", {**SIGNUP, "email": "zoe@example.com"}, locale=locale)
    (email,) = EmailLog.objects.all()
    assert (email.template, email.to, email.locale) == ("verify_email", "zoe@example.com", locale)
    assert email.context["signup"] is True
    link = _link(email, mailoutbox)
    assert link.startswith(f"{site.SITE_URL}/{locale}/account/confirm-email/")
    Client().post(urlsplit(link).path)
    assert EmailAddress.objects.get(email="zoe@example.com").verified


def test_signing_up_again_looks_the_same_and_tells_the_owner() -> None:
    """EM-5, PE-1: the page does not say who has an account; the owner's mail is in the owner's language."""
    owner = make_user(email="owner@example.com", locale="en")
    known = _post("account_signup", {**SIGNUP, "email": "Owner@example.com"})
    unknown = _post("account_signup", {**SIGNUP, "email": "new@example.com"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    email = EmailLog.objects.get(recipient=owner)
    assert (email.template, email.locale) == ("email_already_used", "en")
    assert EmailLog.objects.get(to="new@example.com").template == "verify_email"
    assert User.objects.filter(email__iexact="owner@example.com").count() == 1


def test_a_forgotten_password_is_chosen_anew(mailoutbox: list[Any]) -> None:
    """EM-5 reset password: the link works, and the change is announced."""
    user = make_user(email="fan@example.com", locale="fr")
    _post("account_reset_password", {"email": "fan@example.com"}, locale="en")
    (email,) = EmailLog.objects.all()
    assert (email.template, email.locale) == ("reset_password", "fr")
    link = _link(email, mailoutbox)
    assert link.startswith(f"{site.SITE_URL}/fr/account/password/reset/key/")
    client = Client()
    form = client.get(urlsplit(link).path).headers["Location"]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    notice = EmailLog.objects.exclude(pk=email.pk).get()
    assert (notice.template, notice.context["kind"]) == ("account_notice", "password_reset")
    assert notice.context["can_reset"] is True


def test_a_password_for_nobody_sends_nothing() -> None:
    """PE-1: the page is the same as for somebody, and no stranger gets mail."""
    make_user(email="fan@example.com")
    known = _post("account_reset_password", {"email": "fan@example.com"})
    unknown = _post("account_reset_password", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert list(EmailLog.objects.values_list("to", flat=True)) == ["fan@example.com"]


def test_a_new_address_is_confirmed_there_and_announced_to_the_old(mailoutbox: list[Any]) -> None:
    """EM-5: change of address; who lost the old mailbox' account must learn of it there."""
    user = make_user(email="old@example.com", password=PASSWORD)
    client = Client()
    client.force_login(user)
    _post("account_reauthenticate", {"password": PASSWORD}, client=client)
    _post("account_email", {"email": "new@example.com", "action_add": ""}, client=client)
    (email,) = EmailLog.objects.all()
    assert (email.template, email.to, email.context["signup"]) == ("verify_email", "new@example.com", False)
    Client().post(urlsplit(_link(email, mailoutbox)).path)
    user.refresh_from_db()
    assert user.email == "new@example.com"
    notice = EmailLog.objects.exclude(pk=email.pk).get()
    assert (notice.to, notice.recipient, notice.context["kind"]) == ("old@example.com", user, "email_changed")
    assert notice.context["can_reset"] is False


@pytest.mark.parametrize(
    "prefix",
    [
        "account/email/password_changed",
        "account/email/password_set",
        "account/email/email_deleted",
        "mfa/email/totp_activated",
        "mfa/email/totp_deactivated",
        "mfa/email/webauthn_added",
        "mfa/email/webauthn_removed",
        "mfa/email/recovery_codes_generated",
        "somebody/email/something_new",
    ],
)
def test_every_notice_is_written_down(prefix: str) -> None:
    """EM-1: allauth's own templates are never sent, known or not."""
    user = make_user()
    MailAccountAdapter().send_mail(prefix, user.email, {"user": user, "timestamp": clock.now()})
    (email,) = EmailLog.objects.all()
    assert (email.template, email.context["kind"]) == ("account_notice", prefix.rsplit("/", 1)[1])
