"""Recognizes text of the wrong language: the catalogue's own sentences, and words that only one of the two uses."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import allauth
import polib

from tools.bootstrap import ROOT

OTHER = {"fr": "en", "en": "fr"}
WORDS = {  # small ones that only one of the languages has
    "en": "the|your|you|and|with|this|that|please|is|are|for|to|of|was|were|not|have|has|it|by|at|from|be|we|our",
    "fr": "le|les|vous|votre|vos|une|des|est|sont|pour|avec|dans|sur|nous|être|cette|du|et|ou|à|aux|qui|que",
}
PLACEHOLDER = re.compile(r"%\\\((\w+)\\\)[sd]|%[sd]")


def foreign_texts(texts: Iterable[tuple[str | None, str]]) -> set[str]:
    """Those of the texts, given with the language that each claims to be, which are in the other language."""
    return {text for locale, text in set(_plain(texts)) if locale in OTHER and _is_foreign(text, locale)}


def _plain(texts: Iterable[tuple[str | None, str]]) -> Iterator[tuple[str | None, str]]:
    for locale, text in texts:
        plain = " ".join(text.split())
        if any(letter.isalpha() for letter in plain):
            yield locale, plain


def _is_foreign(text: str, locale: str) -> bool:
    theirs = _sentences(OTHER[locale]).fullmatch(text) or _words(OTHER[locale]).search(text)
    return bool(theirs) and not _sentences(locale).fullmatch(text)


@cache
def _words(locale: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w’'/.-])({WORDS[locale]})(?![\w’'/-])", re.IGNORECASE)


@cache
def _sentences(locale: str) -> re.Pattern[str]:
    """Every text of our catalogue and of allauth's in a language, with anything where a variable stands."""
    ours = polib.pofile(str(ROOT / "locale" / locale / "LC_MESSAGES" / "django.po"))
    texts = {text for entry in ours for text in (entry.msgstr, *entry.msgstr_plural.values()) if text}
    return re.compile("|".join(sorted(map(_pattern, texts | _texts_of_allauth(locale)))))


def _texts_of_allauth(locale: str) -> set[str]:
    """English is what its sources hold."""
    path = Path(str(allauth.__file__)).parent / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    said = (entry.msgid if locale == "en" else entry.msgstr for entry in polib.pofile(str(path)))
    return {text for text in said if text}


def _pattern(text: str) -> str:
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).replace("%%", "%").split())
    return PLACEHOLDER.sub(".+?", re.escape(plain).replace("\\ ", " "))
