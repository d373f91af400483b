"""Somebody's account from sign-up to a lost phone, in a real browser, with the mails that really arrive."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from playwright.sync_api import Page, expect

from callastar.accounts.models import User
from tests.contract.resend_api import Api
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import PASSWORD, make_user
from tests.second_factors import add_totp, current_code

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}
NEW_PASSWORD = "another long phrase of mine"
DELIVERY_SECONDS = 60
FRONT_PAGE, LIST_OF_CALLS = re.compile(r"/(fr|en)/$"), re.compile(r"/(fr|en)/bookings$")


class Mailbox:
    """What Resend's sandbox has received, as its API tells it."""

    def __init__(self, sandbox: SandboxProgram) -> None:
        self._api = Api(sandbox)

    def wait_for(self, address: str, subject: str) -> dict[str, Any]:
        """The newest mail to an address with this subject, once it has come."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while time.monotonic() < deadline:
            for mail in self._api.sent():
                if (mail["to"], mail["subject"]) == ([address], subject):
                    return self._api("GET", f"/emails/{mail['id']}").json()
            time.sleep(0.1)
        raise AssertionError(f"{subject!r} has not come to {address}, only {self.subjects(address)}")

    def subjects(self, address: str) -> list[str]:
        """What an address has received, the newest first."""
        return [mail["subject"] for mail in self._api.sent() if mail["to"] == [address]]


@pytest.fixture
def mailbox(site: str, resend_sandbox: SandboxProgram) -> Mailbox:
    cache.clear()  # how often an address may ask for a mail
    return Mailbox(resend_sandbox)


@pytest.mark.browser_context_args(locale="fr-FR", timezone_id="Asia/Tokyo", **PHONE)
def test_signing_up_on_a_phone(visit: Visit, site: str, mailbox: Mailbox) -> None:
    """PE-1, EM-3, EM-5: the zone is the browser's, the mail is French, its link confirms and signs in."""
    page = visit("/fr/account/signup/")
    expect(page.get_by_label("Fuseau horaire")).to_have_value("Asia/Tokyo")
    fill(page, {"Votre nom": "Zoé", "Adresse e-mail": "Zoe@Example.com", "Mot de passe": PASSWORD})
    press(page, "Créer mon compte")
    expect(page.get_by_role("heading", name="Consultez vos e-mails")).to_be_visible()
    page.goto(f"{site}/fr/bookings")
    expect(page.get_by_role("heading", name="Heureux de vous revoir")).to_be_visible()

    mail = mailbox.wait_for("zoe@example.com", "Confirmez votre adresse e-mail")
    assert '<html lang="fr"' in mail["html"]
    assert "Bienvenue" in mail["text"]
    link = link_in(mail)
    assert link.startswith(f"{site}/fr/account/confirm-email/")
    assert not EmailAddress.objects.get().verified

    page.goto(link)
    press(page, "Confirmer mon adresse")
    expect(page).to_have_url(LIST_OF_CALLS)
    user = User.objects.get()
    assert (user.email, user.name, user.timezone, user.locale) == (
        "zoe@example.com",
        "Zoé",
        "Asia/Tokyo",
        "fr",
    )
    sign_out(page, "Votre compte", "Se déconnecter")
    page.goto(link)
    expect(page.get_by_role("heading", name="Ce lien ne fonctionne plus")).to_be_visible()


def test_a_forgotten_password(visit: Visit, site: str, mailbox: Mailbox) -> None:
    """PE-1, EM-5: the wrong one is refused in words; a mail leads to a new one, after which the old one is refused."""
    user = make_user(locale="fr", password=PASSWORD)
    page = visit("/fr/account/login/", **PHONE)
    sign_in_french(page, user, "not my password")
    expect(page.locator("[data-form-error]")).to_contain_text("mot de passe")
    page.get_by_role("link", name="Mot de passe oublié").click()
    fill(page, {"Adresse e-mail": user.email})
    press(page, "Envoyer le lien")
    expect(page.get_by_role("heading", name="Consultez vos e-mails")).to_be_visible()

    link = link_in(mailbox.wait_for(user.email, "Choisir un nouveau mot de passe"))
    assert link.startswith(f"{site}/fr/account/password/reset/key/")
    page.goto(link)
    assert link not in page.url  # the key does not stay in the address
    fill(page, {"Nouveau mot de passe": NEW_PASSWORD, "Nouveau mot de passe (confirmation)": NEW_PASSWORD})
    press(page, "Enregistrer le mot de passe")
    expect(page.get_by_role("heading", name="Mot de passe changé")).to_be_visible()
    mailbox.wait_for(user.email, "Votre mot de passe a été changé")

    page.goto(f"{site}/fr/account/login/")
    sign_in_french(page, user, PASSWORD)
    expect(page.locator("[data-form-error]")).to_be_visible()
    sign_in_french(page, user, NEW_PASSWORD)
    expect(page).to_have_url(LIST_OF_CALLS)
    page.goto(link)
    expect(page.get_by_role("heading", name="Ce lien ne fonctionne plus")).to_be_visible()


def test_a_new_address(visit: Visit, site: str, mailbox: Mailbox) -> None:
    """PE-1, EM-5: the new address counts once its link was opened; the former one is told."""
    user = make_user(password=PASSWORD)
    former = user.email
    add_totp(user)  # who has a second factor may move all the same
    page = visit("/en/account/email/", user)
    fill(page, {"Email address": "brand-new@example.com"})
    press(page, "Send a link to the new address")
    expect(page.get_by_role("heading", name="brand-new@example.com")).to_be_visible()
    assert User.objects.get().email == former

    link = link_in(mailbox.wait_for("brand-new@example.com", "Confirm your email address"))
    page.goto(link)
    press(page, "Confirm my address")
    mailbox.wait_for(former, "Your email address has been changed")
    assert User.objects.get().email == "brand-new@example.com"
    assert not EmailAddress.objects.filter(email=former).exists()


def test_two_step_sign_in(visit: Visit, site: str, mailbox: Mailbox) -> None:
    """PE-1: an app is set up after proving who one is; its code, or a recovery code once, completes a sign-in."""
    user = make_user(password=PASSWORD)
    page = visit("/en/account/2fa/", user)
    page.get_by_role("link", name="Set up").click()
    prove(page)
    secret = page.get_by_label("No camera? Type this key").input_value()
    fill(page, {"Code of your app": "000000"})
    press(page, "Turn on")
    expect(page.locator("[data-invalid]")).to_be_visible()
    fill(page, {"Code of your app": current_code(secret)})
    press(page, "Turn on")
    recovery = page.get_by_label("10 unused codes").input_value().split()
    mailbox.wait_for(user.email, "Two-step sign-in is on")
    sign_out(page)

    for code in (current_code(secret), recovery[0]):
        second_step(page, site, user, code)
        expect(page).to_have_url(LIST_OF_CALLS)
        sign_out(page)
    second_step(page, site, user, recovery[0])
    expect(page.locator("[data-invalid]")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey or a security key")).to_have_count(0)
    page.goto(f"{site}/en/bookings")
    expect(page.get_by_role("heading", name="Your second proof")).to_be_visible()


def test_a_passkey(visit: Visit, site: str, mailbox: Mailbox) -> None:
    """PE-1: a device that knows its owner is added, and opens the account without address, password or code."""
    user = make_user(password=PASSWORD)
    here = site.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, never to a number
    page = visit("/en/account/login/")
    add_authenticator(page)
    page.goto(f"{here}/en/account/login/?next=/en/account/2fa/webauthn/add/")
    sign_in(page, user, PASSWORD)
    prove(page)
    page.get_by_label("Name of the key").fill("My phone")
    page.get_by_role("checkbox", name="Sign in with it alone").check()
    press(page, "Add")
    page.wait_for_url("**/recovery-codes/**")
    mailbox.wait_for(user.email, "A passkey has been added")
    page.goto(f"{here}/en/account/2fa/webauthn/")
    expect(page.get_by_text("My phone")).to_be_visible()
    sign_out(page)

    page.goto(f"{here}/en/account/login/")
    press(page, "Sign in with a passkey")
    expect(page).to_have_url(LIST_OF_CALLS)


def test_signing_out_everywhere_else(visit: Visit, site: str, mailbox: Mailbox) -> None:
    """PE-1: the list shows both devices; the other one is signed out, this one stays."""
    user = make_user(password=PASSWORD)
    mine, other = visit("/en/account/login/"), visit("/en/account/login/", **PHONE)
    for page in (other, mine):
        sign_in(page, user, PASSWORD)
        expect(page).to_have_url(LIST_OF_CALLS)
    mine.goto(f"{site}/en/account/sessions/")
    expect(mine.locator("main li.card")).to_have_count(2)
    press(mine, "Sign out everywhere else")
    expect(mine.locator("main li.card")).to_have_count(1)
    expect(mine.get_by_text("This device")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_another_language(visit: Visit, mailbox: Mailbox) -> None:
    """PE-1, EM-3: the page is in the new language at once, and so is the next mail, with its time in words."""
    user = make_user(locale="en", password=PASSWORD)
    page = visit("/en/account/profile", user)
    page.get_by_role("combobox", name="Language").select_option(label="Français")
    press(page, "Save")
    expect(page.get_by_text("Votre profil est enregistré.").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")

    page.get_by_role("link", name="Mot de passe").click()
    fill(page, {"Mot de passe actuel": PASSWORD})
    fill(page, {"Nouveau mot de passe": NEW_PASSWORD, "Nouveau mot de passe (confirmation)": NEW_PASSWORD})
    press(page, "Enregistrer le mot de passe")
    mail = mailbox.wait_for(user.email, "Votre mot de passe a été changé")
    assert re.search(r"\d{4} à \d{2}:\d{2} \(heure de Paris\)", mail["text"])


def fill(page: Page, values: dict[str, str]) -> None:
    """Type into the fields of the page's form, by their labels."""
    for label, value in values.items():
        page.locator("main").get_by_label(label, exact=True).fill(value)


def press(page: Page, button: str) -> None:
    page.locator("main").get_by_role("button", name=button, exact=True).click()


def sign_in(page: Page, user: User, password: str) -> None:
    fill(page, {"Email address": user.email, "Password": password})
    press(page, "Sign in")


def sign_in_french(page: Page, user: User, password: str) -> None:
    fill(page, {"Adresse e-mail": user.email, "Mot de passe": password})
    press(page, "Se connecter")


def sign_out(page: Page, menu: str = "Your account", button: str = "Sign out") -> None:
    """By the menu at the top; the front page follows."""
    page.locator("header summary").and_(page.get_by_label(menu)).click()
    page.locator("header").get_by_role("button", name=button, exact=True).click()
    expect(page).to_have_url(FRONT_PAGE)


def prove(page: Page) -> None:
    """Give the password again, as protected pages ask."""
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    fill(page, {"Password": PASSWORD})
    press(page, "Continue")


def second_step(page: Page, site: str, user: User, code: str) -> None:
    """Sign in by password and code."""
    page.goto(f"{site}/en/account/login/")
    sign_in(page, user, PASSWORD)
    fill(page, {"Code": code})
    press(page, "Sign in")


def link_in(mail: dict[str, Any]) -> str:
    """The address that a mail leads to, the same in both of its parts."""
    found = re.search(r"https?://\S+", mail["text"])
    assert found
    assert f'href="{found.group()}"' in mail["html"]
    return found.group()


def add_authenticator(page: Page) -> None:
    """A device with a fingerprint reader, as Chromium's developer tools make it up."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
