"""NO-1: texts are kept as a key and parameters and written out in the reader's language."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from callastar.core.formats import datetime_text, money_text
from callastar.core.money import Currency, Money
from callastar.mail.money_texts import payout_failure
from callastar.notifications.models import Notification, NotificationType
from callastar.notifications.rendering import Texts, address_of, texts_of
from callastar.notifications.texts import icon_of, known_words, words_for
from tests.notifications import AT, SAMPLES

PARIS = ZoneInfo("Europe/Paris")
LEFT_OVER = re.compile(r"%|\{|\}|None|_code|T17:00")
IDS = [f"{kind} {variant}".strip() for kind, variant, _ in SAMPLES]


def said(type: NotificationType, params: dict[str, Any], locale: str = "en", zone: ZoneInfo = PARIS) -> Texts:
    return texts_of(Notification(type=type, params=params), locale=locale, zone=zone)


@pytest.mark.parametrize(("kind", "variant", "params"), SAMPLES, ids=IDS)
def test_every_text_is_complete_in_both_languages(
    kind: NotificationType, variant: str, params: dict[str, Any]
) -> None:
    """NO-1, EM-3: nothing is left to be filled in, and French is not English."""
    english, french = said(kind, params, "en"), said(kind, params, "fr")
    for texts in (english, french):
        assert texts.title
        assert texts.message
        assert not LEFT_OVER.search(f"{texts.title} {texts.message}".replace("100% lorem", ""))
    assert english.title != french.title
    assert english.message != french.message


@pytest.mark.parametrize(("kind", "variant", "params"), SAMPLES, ids=IDS)
def test_what_a_text_names_is_said(kind: NotificationType, variant: str, params: dict[str, Any]) -> None:
    """NO-1: the values as the language and the zone write them."""
    for locale in ("en", "fr"):
        texts = said(kind, params, locale)
        whole = f"{texts.title} {texts.message}"
        for name in words_for(kind, params).needs - {"reason_code"}:
            assert written(params[name], locale) in whole


def written(value: Any, locale: str) -> str:
    if isinstance(value, dict):
        return money_text(Money(value["minor"], Currency(value["currency"])), locale)
    if value == AT:
        return datetime_text(datetime(2026, 3, 3, 17, tzinfo=UTC), PARIS, locale, named=True)
    return str(value)


def test_there_is_a_sample_of_every_text_and_a_text_of_every_type() -> None:
    """NO-1: the list of types."""
    assert {(kind, variant) for kind, variant, _ in SAMPLES} == set(known_words())
    assert {kind for kind, _ in known_words()} == set(NotificationType)
    for kind, variant, params in SAMPLES:
        assert words_for(kind, params) is known_words()[kind, variant]
        assert icon_of(kind)


def test_moments_are_written_in_the_readers_zone() -> None:
    """NO-1, EM-3."""
    params = next(
        params for _, variant, params in SAMPLES if variant == "admin" and "evidence_due_by" in params
    )
    there = said(NotificationType.DISPUTE_CREATED, params, "en", ZoneInfo("America/New_York")).message
    assert "Tuesday 3 March 2026 at 12:00 (New York time)" in there
    assert (
        "mardi 3 mars 2026 à 18:00 (heure de Paris)"
        in said(NotificationType.DISPUTE_CREATED, params, "fr").message
    )


def test_a_code_of_stripe_becomes_a_sentence() -> None:
    """PO-5: an unknown one too."""
    for code in ("account_frozen", "made_up"):
        params = {"variant": "failed", "amount": {"minor": 1, "currency": "CHF"}, "reason_code": code}
        with translation.override("en"):
            sentence = str(payout_failure(code))
        assert sentence in said(NotificationType.PAYOUT_FAILED, params).message


def test_a_person_may_write_what_looks_like_a_placeholder() -> None:
    """NO-1: names and titles are values, never formats."""
    params = {"other_name": "%(secret)s %s", "offer_title": "100%", "rating": 5}
    assert said(NotificationType.REVIEW_RECEIVED, params).title.startswith("%(secret)s %s")


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        (NotificationType.PAYOUT_FAILED, {}),
        (NotificationType.PAYOUT_REQUEST, {"variant": "made up"}),
        (NotificationType.TRANSFER_FAILED, {"what": "everything"}),
    ],
)
def test_what_has_no_text_is_refused(kind: NotificationType, params: dict[str, Any]) -> None:
    """NO-1."""
    with pytest.raises(ValueError, match="has no text"):
        words_for(kind, params)


def test_a_link_leads_to_the_page_in_the_readers_language() -> None:
    """NO-1."""
    assert address_of(Notification(link="bookings/7"), locale="fr") == "/fr/bookings/7"
    assert address_of(Notification(link=""), locale="fr") == ""
