"""Reading, changing and compiling the `.po` files, one writer at a time."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polib

from tools.catalogue.extraction import ROOT, Key, Message, flags, messages

LOCALE = ROOT / "locale"
SOURCE_LOCALE = "en"
LOCALES = ("en", "fr")
DOMAINS = ("django", "djangojs")
PLURALS = {"en": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}

Translation = str | tuple[str, ...]


def path_of(locale: str, domain: str, *, folder: Path = LOCALE) -> Path:
    """Where a catalogue lives."""
    return folder / locale / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path, locale: str) -> polib.POFile:
    """A catalogue, or an empty one with the right header when the file is missing."""
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Project-Id-Version": "Call a Star",
        "Language": locale,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[locale],
    }
    return fresh


@contextmanager
def editing(locale: str, domain: str, *, folder: Path = LOCALE) -> Iterator[polib.POFile]:
    """A catalogue to change; saved sorted at the end, under a lock that other writers wait for."""
    path = path_of(locale, domain, folder=folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = ROOT / ".build" / "catalogue.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        catalogue = read(path, locale)
        yield catalogue
        catalogue.sort(key=lambda entry: (entry.msgid.casefold(), entry.msgid, entry.msgctxt or ""))
        partial = path.with_suffix(".po.new")
        catalogue.save(str(partial))
        partial.replace(path)


def by_key(catalogue: polib.POFile) -> dict[Key, polib.POEntry]:
    """The living entries of a catalogue."""
    return {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}


def add(
    locale: str, translations: Mapping[Key, Translation], *, domain: str, plurals: Mapping[Key, str]
) -> int:
    """Add or change translations; a tuple holds the plural forms of a message named in `plurals`. Returns how many."""
    with editing(locale, domain) as catalogue:
        known = by_key(catalogue)
        for key, translation in translations.items():
            entry = known.get(key)
            if entry is None:
                entry = polib.POEntry(msgctxt=key[0], msgid=key[1])
                catalogue.append(entry)
            _translate(entry, translation, plurals.get(key))
    return len(translations)


def _translate(entry: polib.POEntry, translation: Translation, plural: str | None) -> None:
    if isinstance(translation, str):
        entry.msgstr = translation
    else:
        entry.msgid_plural = plural or entry.msgid_plural
        entry.msgstr_plural = dict(enumerate(translation))
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]


def extract(locale: str, domain: str) -> None:
    """Bring a catalogue in line with the sources: new messages come in, unused ones go, translations stay."""
    wanted = messages(domain)
    if not wanted and not path_of(locale, domain).exists():
        return
    with editing(locale, domain) as catalogue:
        for entry in [
            entry for entry in catalogue if (entry.msgctxt, entry.msgid) not in wanted or entry.obsolete
        ]:
            catalogue.remove(entry)
        known = by_key(catalogue)
        for key, message in wanted.items():
            entry = known.get(key)
            if entry is None:
                entry = polib.POEntry(msgctxt=message.context, msgid=message.msgid)
                catalogue.append(entry)
            _describe(entry, message, locale)


def _describe(entry: polib.POEntry, message: Message, locale: str) -> None:
    entry.occurrences = [(file, "") for file in sorted(message.files)]
    entry.comment = "\n".join(sorted(message.comments))
    entry.flags = sorted({*entry.flags, *flags(message)})
    source = locale == SOURCE_LOCALE
    if message.plural:
        entry.msgid_plural = message.plural
        forms = (message.msgid, message.plural) if source else ("", "")
        entry.msgstr_plural = {n: entry.msgstr_plural.get(n) or form for n, form in enumerate(forms)}
    elif source and not entry.msgstr:
        entry.msgstr = message.msgid


def compile_all(*, folder: Path = LOCALE) -> list[Path]:
    """Write the `.mo` file beside every `.po` file that changed since; returns the catalogues found."""
    found = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    for path in found:
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns <= path.stat().st_mtime_ns:
            polib.pofile(str(path)).save_as_mofile(str(compiled))
    return found
