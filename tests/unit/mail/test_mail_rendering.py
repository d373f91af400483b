"""Every mail in every language: complete, in that language only, with both parts (EM-3, EM-4)."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template import engines

from callastar.mail import texts
from callastar.mail.models import EmailLog
from callastar.mail.rendering import render
from tests.unit.mail.samples import AWKWARD, KINDS, NOW, SECRET, WITH_SECRET, sample
from tools.catalogue.extraction import messages
from tools.catalogue.files import compile_all

LOCALES = ("fr", "en")
VOID = {"meta", "br", "img", "link", "hr", "col", "input"}
PLACEHOLDER = re.compile(r"%\(\w+\)s")


class MissingVariable(str):
    """What Django puts in the place of a variable that is not there; here, the end of the test."""

    def __contains__(self, text: str) -> bool:
        return text == "%s" or super().__contains__(text)

    def __mod__(self, variable: object) -> str:
        raise LookupError(f"the context lacks {variable}")


@pytest.fixture(scope="module", autouse=True)
def _catalogues() -> None:
    compile_all()


@pytest.fixture(autouse=True)
def _strict_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", MissingVariable("%s"))


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=KINDS)
def email(request: pytest.FixtureRequest, locale: str) -> EmailLog:
    return _rendered(request.param, locale)


@cache
def _rendered(kind: str, locale: str) -> EmailLog:
    """The tests only look at it."""
    email = sample(kind, locale)
    render(email, now=NOW)
    return email


def _visible(email: EmailLog) -> str:
    """All that a reader reads of the mail, as plain text: addresses are the same in every language."""
    markup = re.sub(r"<style.*?</style>|<!--.*?-->", " ", email.html, flags=re.DOTALL)
    html = unescape(re.sub(r"<[^>]+>", " ", markup))
    invitation = email.attachments[0]["content"].replace("\r\n ", "") if email.attachments else ""
    seen = "\n".join([email.subject, re.sub(r"\s+", " ", html), email.text, invitation])
    return re.sub(r"https?://\S+", "", seen)


@cache
def _mail_texts() -> dict[str, str]:
    """The mails' texts in English, and in French."""
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(Path("locale/fr/LC_MESSAGES/django.po")))}
    asked = [m for m in messages("django").values() if any("mail/" in file for file in m.files)]
    pairs = {}
    for message in asked:
        entry = catalogue[message.msgid]
        pairs[message.msgid] = entry.msgstr or entry.msgstr_plural[0]
        if message.plural:
            pairs[message.plural] = entry.msgstr_plural[1]
    return pairs


def _pieces(text: str) -> Iterator[str]:
    """The words between the placeholders."""
    return (piece.strip(" :.,!?") for piece in PLACEHOLDER.split(text) if len(piece.strip(" :.,!?")) > 3)


def test_every_template_is_among_the_samples() -> None:
    """EM-3: the tests below see all of them."""
    folders = {path.parent.name for path in Path("templates/mail").glob("*/subject.txt")}
    assert folders == {sample(kind, "en").template for kind in KINDS}


def test_nothing_of_the_other_language_is_left(email: EmailLog) -> None:
    """EM-3."""
    visible = _visible(email).replace("Call a Star", "")
    for english, french in _mail_texts().items():
        foreign, own = (english, french) if email.locale == "fr" else (french, english)
        for piece in _pieces(foreign):
            if piece not in own and piece in visible:
                assert not re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", visible), piece


def test_both_parts_and_the_subject_are_there(email: EmailLog) -> None:
    """EM-3, EM-4."""
    assert email.subject
    assert "\n" not in email.subject
    assert len(email.text) > 200
    assert f'lang="{email.locale}"' in email.html
    assert settings.SUPPORT_EMAIL in email.html
    assert settings.SUPPORT_EMAIL in email.text
    assert f"{settings.SITE_URL}/{email.locale}/" in email.text


def test_no_markup_reaches_the_text_and_no_name_becomes_markup(email: EmailLog) -> None:
    """EM-4: what people write stays text."""
    assert "&amp;" not in email.text
    assert "<td" not in email.text
    assert '<b>"Co"</b>' not in email.html
    if "other_name" in email.context:
        assert AWKWARD in email.text


def test_links_are_absolute(email: EmailLog) -> None:
    """EM-4: links come from SITE_URL."""
    links = re.findall(r'href="([^"]*)"', email.html)
    assert links
    for link in links:
        assert link.startswith((settings.SITE_URL, "https://site.example/", "mailto:")), link


def test_it_survives_the_dark(email: EmailLog) -> None:
    """EM-4: dark-mode safe."""
    assert '<meta name="color-scheme" content="light dark"' in email.html
    assert "prefers-color-scheme: dark" in email.html


def test_tags_are_balanced(email: EmailLog) -> None:
    """EM-4."""
    checker = _Balance()
    checker.feed(email.html)
    assert checker.open == []


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_kept_copy_masks_secret_links(email: EmailLog) -> None:
    """EM-1."""
    for kept in (email.html, email.text, email.subject, str(email.context), email.secret_context):
        assert SECRET not in kept
        assert "token=very" not in kept
    if email.template in WITH_SECRET:
        assert "#hidden-action_url" in email.html
        assert "#hidden-action_url" in email.text


@pytest.mark.parametrize(
    ("locale", "zone", "when", "price"),
    [
        ("fr", "Europe/Paris", "mardi 3 mars 2026 à 18:00 (heure de Paris)", "100,00\xa0€"),
        ("en", "Europe/Paris", "Tuesday 3 March 2026 at 18:00 (Paris time)", "€100.00"),
        ("en", "America/New_York", "Tuesday 3 March 2026 at 12:00 (New York time)", "€100.00"),
        ("fr", "Asia/Tokyo", "mercredi 4 mars 2026 à 02:00 (heure de Tokyo)", "100,00\xa0€"),
    ],
)
def test_dates_and_amounts_are_the_recipients(locale: str, zone: str, when: str, price: str) -> None:
    """EM-3."""
    email = sample("booking_confirmed_fan", locale, zone=zone)
    render(email, now=NOW)
    for part in (email.html, email.text):
        assert when in part
        assert price in part


def test_a_missing_variable_is_noticed() -> None:
    """The control of this module's own strictness."""
    email = sample("hold_lapsed", "fr")
    del email.context["offer_title"]
    with pytest.raises(LookupError, match="offer_title"):
        render(email, now=NOW)


def test_the_name_is_left_out_until_the_address_is_theirs() -> None:
    """Whoever signs up writes the name; a stranger must not be greeted with an advertisement."""
    email = sample("verify_email at sign-up", "en", name="Win a prize at evil.example")
    render(email, now=NOW)
    assert "evil.example" not in email.html + email.text + email.subject


def test_a_subject_is_one_line() -> None:
    """A title with line breaks cannot add headers."""
    email = sample("booking_confirmed_fan", "en")
    email.context["other_name"] = "Zoé\r\nBcc: everybody@example.com"
    render(email, now=NOW)
    assert email.subject == "Your call with Zoé Bcc: everybody@example.com is booked"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("insufficient_funds", "There is not enough money on the account."),
        ("lost_card", "Your bank has declined the payment without giving a reason. It can tell you more."),
        ("made_up", "Your bank has declined the payment without giving a reason. It can tell you more."),
    ],
)
def test_decline_reasons_are_sentences(code: str, sentence: str) -> None:
    """PA-5: a card reported lost is not called so."""
    email = sample("payment_failed", "en")
    email.context["reason_code"] = code
    render(email, now=NOW)
    assert sentence in email.text
    assert texts.decline_reason(code)
