"""What is wrong with the catalogues, in sentences."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib

from tools.catalogue.extraction import ROOT, Key, Message, messages, placeholders
from tools.catalogue.files import DOMAINS, LOCALE, LOCALES, SOURCE_LOCALE, by_key, path_of, read

ALLOWED_IDENTICAL = LOCALE / "identical.txt"
BREAKING_MARK = re.compile(r" [;:!?»]|« |\w'\w")


def problems(*, root: Path = ROOT) -> list[str]:
    """Every missing, fuzzy, obsolete, suspiciously identical or ill-formed translation below `root`."""
    allowed = _allowed(root / ALLOWED_IDENTICAL.relative_to(ROOT))
    found = []
    for domain in DOMAINS:
        wanted = messages(domain, root=root)
        for locale in LOCALES:
            path = path_of(locale, domain, folder=root / LOCALE.relative_to(ROOT))
            where = path.relative_to(root)
            found += [
                f"{where}: {problem}" for problem in _problems_of(read(path, locale), wanted, locale, allowed)
            ]
    return found


def _allowed(path: Path) -> frozenset[str]:
    """Texts that are rightly the same in every language, one a line."""
    if not path.exists():
        return frozenset()
    return frozenset(
        line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
    )


def _problems_of(
    catalogue: polib.POFile, wanted: dict[Key, Message], locale: str, allowed: frozenset[str]
) -> Iterator[str]:
    known = by_key(catalogue)
    for key in wanted.keys() - known.keys():
        yield f"missing: {key[1]!r}"
    for entry in catalogue:
        if entry.obsolete or (entry.msgctxt, entry.msgid) not in wanted:
            yield f"obsolete: {entry.msgid!r}"
        else:
            yield from _problems_of_entry(entry, wanted[entry.msgctxt, entry.msgid], locale, allowed)


def _problems_of_entry(
    entry: polib.POEntry, message: Message, locale: str, allowed: frozenset[str]
) -> Iterator[str]:
    if entry.fuzzy:
        yield f"fuzzy: {entry.msgid!r}"
    if (entry.msgid_plural or None) != message.plural:
        yield f"plural differs from the source: {entry.msgid!r}"
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not texts or not all(texts):
        yield f"untranslated: {entry.msgid!r}"
        return
    if locale != SOURCE_LOCALE and entry.msgid in texts and entry.msgid not in allowed:
        yield f"identical to English (translate it, or list it in locale/identical.txt): {entry.msgid!r}"
    yield from _problems_of_placeholders(entry, texts)
    if locale == "fr":
        yield from _problems_of_typography(entry, texts)


def _problems_of_typography(entry: polib.POEntry, texts: list[str]) -> Iterator[str]:
    """French keeps its marks on the line of the word before them, and has an apostrophe of its own."""
    for text in texts:
        if BREAKING_MARK.search(text):
            yield f"breaking space or straight apostrophe: {entry.msgid!r} → {text!r}"


def _problems_of_placeholders(entry: polib.POEntry, texts: list[str]) -> Iterator[str]:
    """A singular may leave out the count ("one call"); nothing may use what the source does not give."""
    given = placeholders(entry.msgid) | placeholders(entry.msgid_plural or "")
    needed = placeholders(entry.msgid) & placeholders(entry.msgid_plural or entry.msgid)
    for text in texts:
        if not needed <= placeholders(text) <= given:
            yield f"placeholders differ: {entry.msgid!r} → {text!r}"
