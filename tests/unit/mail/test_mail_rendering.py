"""Every mail in every language: complete, in that language only, with both parts (EM-3, EM-4)."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template import engines
from html5lib import HTMLParser

from callastar.mail import texts
from callastar.mail.kinds import about
from callastar.mail.models import EmailLog
from callastar.mail.rendering import render
from callastar.mail.sealing import unseal
from tests.unit.mail.samples import AWKWARD, KINDS, NOW, SECRET, WITH_SECRET, sample
from tools.catalogue.extraction import messages
from tools.catalogue.files import compile_all

LOCALES = ("fr", "en")
# Small words that only one of the languages has.
_SMALL = {
    "en": "the|your|you|and|with|this|that|please|are|was|were|have|has",
    "fr": "le|les|vous|votre|vos|des|est|sont|pour|avec|dans|nous|être|cette|aux|qui",
}
STOP_WORDS = {
    locale: re.compile(rf"(?<![\w’'/.-])(?:{_SMALL[other]})(?![\w’'/-])", re.IGNORECASE)
    for locale, other in (("fr", "en"), ("en", "fr"))
}
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


@cache
def _rendered(kind: str, locale: str) -> EmailLog:
    """The tests only look at it."""
    email = sample(kind, locale)
    render(email, now=NOW)
    return email


def _all() -> Iterator[tuple[str, EmailLog]]:
    """Every mail in every language, with what a failure calls it: many checks in few tests, as each test takes time."""
    for locale in LOCALES:
        for kind in KINDS:
            yield f"{kind} ({locale})", _rendered(kind, locale)


def _visible(email: EmailLog) -> str:
    """All that a reader reads of the mail, as plain text: addresses are the same in every language."""
    markup = re.sub(r"<style.*?</style>|<!--.*?-->", " ", email.html, flags=re.DOTALL)
    html = unescape(re.sub(r"<[^>]+>", " ", markup))
    invitation = email.attachments[0]["content"].replace("\r\n ", "") if email.attachments else ""
    seen = "\n".join([email.subject, re.sub(r"\s+", " ", html), email.text, invitation])
    return re.sub(r"https?://\S+", "", seen)


@cache
def _mail_texts() -> dict[str, str]:
    """The mails' texts in English, and in French; what the people of the examples write is not theirs."""
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(Path("locale/fr/LC_MESSAGES/django.po")))}
    asked = [m for m in messages("django").values() if any(_is_of_a_mail(file) for file in m.files)]
    pairs = {}
    for message in asked:
        entry = catalogue[message.msgid]
        pairs[message.msgid] = entry.msgstr_plural[0] if message.plural else entry.msgstr
        if message.plural:
            pairs[message.plural] = entry.msgstr_plural[1]
    return pairs


def _is_of_a_mail(file: str) -> bool:
    return "mail/" in file and "mail/examples/" not in file


def _pieces(text: str) -> Iterator[str]:
    """The words between the placeholders."""
    return (piece.strip(" :.,!?") for piece in PLACEHOLDER.split(text) if len(piece.strip(" :.,!?")) > 3)


@cache
def _foreign_pieces(locale: str) -> tuple[tuple[str, str], ...]:
    """Pieces of the other language's texts, with the text that stands for each in this one."""
    pairs = [(en, fr) if locale == "fr" else (fr, en) for en, fr in _mail_texts().items()]
    return tuple((piece, own) for foreign, own in pairs for piece in _pieces(foreign) if piece not in own)


def _foreign(visible: str, locale: str) -> list[str]:
    found = [piece for piece, _own in _foreign_pieces(locale) if piece in visible]
    return [piece for piece in found if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", visible)]


def test_nothing_of_the_other_language_is_left() -> None:
    """EM-3."""
    problems = []
    for name, email in _all():
        visible = _visible(email).replace("Call a Star", "").replace(AWKWARD, "")
        problems += [f"{name}: {piece}" for piece in _foreign(visible, email.locale)]
        problems += [f"{name}: {word}" for word in STOP_WORDS[email.locale].findall(visible)]
    assert not problems, "\n".join(problems)


def test_a_leftover_is_noticed() -> None:
    """The control of the test above, with a sentence and with single words."""
    assert _foreign("Bonjour Zoé. See you soon,", "fr")
    assert _foreign("Hello Zoé. À très vite,", "en")
    assert STOP_WORDS["fr"].findall("Votre appel with Zoé")
    assert STOP_WORDS["en"].findall("Your call avec Zoé")


def test_what_xml_forbids_is_left_out_of_every_part() -> None:
    """EM-2, EM-3: one such character in a name would block the mail."""
    forbidden = "".join(map(chr, [*range(1, 9), 0xB, 0xC, *range(0xE, 0x20), 0x7F, 0x85, 0xFFFE, 0xFFFF]))
    email = sample("booking_confirmed_fan", "en", name=f"A{forbidden}na")
    email.context = {**email.context, "other_name": f"Zo{forbidden}é\n", "offer_title": f"Chan{forbidden}t"}
    render(email, now=NOW)
    invitation = email.attachments[0]["content"].replace("\r\n ", "")
    for part in (email.subject, email.html, email.text, invitation):
        assert not set(part) & set(forbidden)
    assert "\n" not in email.subject
    assert "Ana" in email.html
    assert all("Zoé" in part and "Chant" in part for part in (email.html, email.text, invitation))


def test_both_parts_and_the_subject_are_there() -> None:
    """EM-3, EM-4."""
    problems = []
    for name, email in _all():
        parts = {
            "a subject": email.subject and "\n" not in email.subject,
            "a text": len(email.text) > 200,
            "its language": f'lang="{email.locale}"' in email.html,
            "a title": re.search(r"<title>\s*\S", email.html),
            "a line for lists of mails": re.search(r"<div style=\"display:none[^>]*>\s*\S", email.html),
            "support": settings.SUPPORT_EMAIL in email.html and settings.SUPPORT_EMAIL in email.text,
            "the site": f"{settings.SITE_URL}/{email.locale}/" in email.text,
            # EM-4: dark-mode safe
            "both schemes": '<meta name="color-scheme" content="light dark"' in email.html,
            "the dark": "prefers-color-scheme: dark" in email.html,
        }
        problems += [f"{name}: lacks {part}" for part, is_there in parts.items() if not is_there]
    assert not problems, "\n".join(problems)


def test_the_plain_text_reads_well() -> None:
    """EM-3: no markup, no entities, no holes; an address is the last thing on its line."""
    problems = []
    for name, email in _all():
        text = email.text.replace(AWKWARD, "NAME").replace("1 < 2", "WORDS")
        faults = {
            "an entity": re.search(r"&\w+;|&#\d+;", text),
            "a tag": re.search(r"</?(?:td|a|p|div|span|br|mj)\b", text),
            "more than one empty line": "\n\n\n" in text,
            "space at the end of a line": re.search(r"[ \t]\n", text),
            "two spaces": re.search(r"\S  +\S", text),
            "a template's mark": re.search(r"\{%|\{\{|None\b|%\(", text),
            "words after an address": re.search(r"https?://\S+[ \t]+\S", text),
            "a full stop that is part of an address": re.search(r"https?://\S+[.,;]\n", text),
        }
        problems += [f"{name}: {fault} in\n{email.text}" for fault, found in faults.items() if found]
    assert not problems, "\n".join(problems)


def test_no_markup_reaches_the_text_and_no_name_becomes_markup() -> None:
    """EM-4: what people write stays text."""
    for name, email in _all():
        assert '<b>"Co"</b>' not in email.html, name
        if "other_name" in email.context:
            assert AWKWARD in email.text, name


def test_links_are_absolute_and_no_picture_is_fetched() -> None:
    """EM-4: links come from SITE_URL; nothing tells anybody who reads the mail when."""
    for name, email in _all():
        links = re.findall(r'href="([^"]*)"', email.html)
        assert links, name
        foreign = [link for link in links if not link.startswith((settings.SITE_URL + "/", "mailto:"))]
        assert foreign == [], name
        assert re.findall(r"<img[^>]*>|url\(", email.html) == [], name


def test_the_html_is_valid() -> None:
    """EM-4: a parser that follows the standard has nothing to mend."""
    problems = []
    for name, email in _all():
        parser = HTMLParser()
        parser.parse(email.html)
        problems += [f"{name}: {code} {data} at {place}" for place, code, data in parser.errors]
    assert not problems, "\n".join(problems)


def test_broken_html_is_noticed() -> None:
    """The control of the test above."""
    parser = HTMLParser()
    parser.parse("<!doctype html><html><head><title>x</title></head><body><p><div></p></table></body></html>")
    assert parser.errors


def test_only_what_one_may_do_without_can_be_stopped() -> None:
    """EM-4, NO-2: the link is there exactly where the mail has a kind."""
    for name, email in _all():
        can_be_stopped = about(email.template).kind is not None
        for part in (email.html, email.text):
            assert ("#hidden-unsubscribe_url" in part) is can_be_stopped, name
        assert ("unsubscribe_url" in unseal(email.secret_context)) is can_be_stopped, name


def test_the_kept_copy_masks_secret_links() -> None:
    """EM-1."""
    for name, email in _all():
        for kept in (email.html, email.text, email.subject, str(email.context), email.secret_context):
            assert SECRET not in kept, name
            assert "token=" not in kept, name
        if email.template in WITH_SECRET:
            assert "#hidden-action_url" in email.html, name
            assert "#hidden-action_url" in email.text, name


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
    email = sample("payment_failed expired_card", "en")
    email.context["reason_code"] = code
    render(email, now=NOW)
    assert sentence in email.text
    assert texts.decline_reason(code)
