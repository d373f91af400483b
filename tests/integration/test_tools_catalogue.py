"""The check of the catalogues bites on everything that UI-1 forbids, and passes what is right."""

from pathlib import Path

import polib
import pytest

from tools.catalogue.checks import problems
from tools.catalogue.extraction import messages

TEMPLATE = """{% load i18n %}
<p>
    {% translate "Book a call" %}
  {% blocktranslate trimmed with name=person.name %}
      Hello {{ name }},
      welcome
  {% endblocktranslate %}
 {% blocktranslate trimmed count n=number %}{{ n }} call{% plural %}{{ n }} calls{% endblocktranslate %}
</p>
"""
PYTHON = "from django.utils.translation import pgettext_lazy\nLABEL = pgettext_lazy('verb', 'Book')\n"
GOOD = {
    (None, "Book a call"): "Réserver un appel",
    (None, "Hello %(name)s, welcome"): "Bonjour %(name)s, bienvenue",
    ("verb", "Book"): "Réserver",
}


def write(root: Path, locale: str, translations: dict, plural: tuple[str, str]) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    for (context, msgid), msgstr in translations.items():
        catalogue.append(polib.POEntry(msgctxt=context, msgid=msgid, msgstr=msgstr))
    forms = dict(enumerate(plural))
    catalogue.append(polib.POEntry(msgid="%(n)s call", msgid_plural="%(n)s calls", msgstr_plural=forms))
    path = root / "locale" / locale / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return catalogue


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "callastar").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "callastar" / "words.py").write_text(PYTHON)
    write(tmp_path, "en", {key: key[1] for key in GOOD}, ("%(n)s call", "%(n)s calls"))
    write(tmp_path, "fr", GOOD, ("%(n)s appel", "%(n)s appels"))
    return tmp_path


def test_finds_what_templates_and_code_say(project: Path) -> None:
    assert set(messages("django", root=project)) == {*GOOD, (None, "%(n)s call")}


def test_complete_catalogues_pass(project: Path) -> None:
    assert problems(root=project) == []


@pytest.mark.parametrize(
    ("key", "translation", "complaint"),
    [
        ((None, "Book a call"), None, "missing"),
        ((None, "Book a call"), "", "untranslated"),
        ((None, "Book a call"), "Book a call", "identical"),
        ((None, "Hello %(name)s, welcome"), "Bonjour, bienvenue", "placeholders"),
        ((None, "Hello %(name)s, welcome"), "Bonjour %(nom)s, bienvenue", "placeholders"),
        ((None, "Nobody says this"), "Personne ne le dit", "obsolete"),
        (("noun", "Book"), "Livre", "obsolete"),
    ],
)
def test_each_fault_is_named(project: Path, key: tuple, translation: str | None, complaint: str) -> None:
    """UI-1: missing, untranslated, identical by accident, placeholders that differ, obsolete."""
    changed = {k: v for k, v in {**GOOD, key: translation}.items() if v is not None}
    write(project, "fr", changed, ("%(n)s appel", "%(n)s appels"))
    assert [line for line in problems(root=project) if "/fr/" in line and complaint in line] == problems(
        root=project
    )
    assert len(problems(root=project)) == 1


def test_fuzzy_translations_are_refused(project: Path) -> None:
    """UI-1: a fuzzy translation counts as none."""
    catalogue = write(project, "fr", GOOD, ("%(n)s appel", "%(n)s appels"))
    catalogue[0].flags.append("fuzzy")
    catalogue.save()
    assert any("fuzzy: 'Book a call'" in line for line in problems(root=project))


def test_the_english_catalogue_must_be_complete_too(project: Path) -> None:
    """UI-1: both catalogues complete."""
    write(project, "en", {key: key[1] for key in list(GOOD)[1:]}, ("%(n)s call", "%(n)s calls"))
    assert problems(root=project) == ["locale/en/LC_MESSAGES/django.po: missing: 'Book a call'"]


def test_words_that_are_the_same_in_both_languages_can_be_allowed(project: Path) -> None:
    """UI-1: identical on purpose is said in a list."""
    write(project, "fr", {**GOOD, (None, "Book a call"): "Book a call"}, ("%(n)s appel", "%(n)s appels"))
    (project / "locale" / "identical.txt").write_text("# same word\nBook a call\n")
    assert problems(root=project) == []


def test_our_own_catalogues_are_complete() -> None:
    """UI-1: the test run fails on a missing, fuzzy or accidentally identical translation."""
    assert problems() == []
