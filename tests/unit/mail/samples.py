"""The product's own examples of mails, played with names that would be noticed wherever they were taken for markup."""

from dataclasses import fields

from callastar.mail.examples import examples_of
from callastar.mail.examples.scene import AT, BOOKING, NOTHING, ROW, WRITTEN_AT, Scene
from callastar.mail.models import EmailLog

AWKWARD = 'Zoé & <b>"Co"</b> O’Neil'
SECRET = "https://site.example/secret?token=very&private=1"
NOW = WRITTEN_AT
_WORDS = {
    one.name: f"{AWKWARD}\n1 < 2"
    for one in fields(Scene)
    if one.name not in {"accent", "secret_url", "error"}
}
_NAMES = {"fan": AWKWARD, "creator": AWKWARD, "admin": AWKWARD, "title": f"Chanter – {AWKWARD}"}
SCENE = Scene(
    **{**_WORDS, **_NAMES, "reminder": "{fan_name}, {date}, {time}: 1 < 2 & 3."},
    error="500 <Server Error>",
    secret_url=SECRET,
)
EXAMPLES = examples_of(SCENE)
KINDS = tuple(EXAMPLES)
WITH_SECRET = {"verify_email", "reset_password"}


def sample(kind: str, locale: str, *, zone: str = "Europe/Paris", name: str = AWKWARD) -> EmailLog:
    """A mail of one of `KINDS`, not rendered yet."""
    reader = EXAMPLES[kind].recipient(locale=locale, time_zone=zone)
    reader.name = name
    return EXAMPLES[kind].written(to=reader)


__all__ = [
    "AT",
    "AWKWARD",
    "BOOKING",
    "EXAMPLES",
    "KINDS",
    "NOTHING",
    "NOW",
    "ROW",
    "SCENE",
    "SECRET",
    "sample",
]
