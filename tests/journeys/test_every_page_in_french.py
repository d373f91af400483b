"""Every page in French, on a phone in the dark: a file of its own, for another worker than the English crawl."""

from collections.abc import Callable

from tests.journeys.crawler import PHONE


def test_in_french_on_a_phone_in_the_dark(crawl: Callable[..., list[str]]) -> None:
    """UI-1, UI-2, UI-6, UI-7, UI-8."""
    problems = crawl(locale="fr", theme="dark", viewport=PHONE)
    assert not problems, "\n".join(problems)
