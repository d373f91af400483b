"""Nothing secret is in any log after the whole run (LO-1): every line and every row is searched when it is written.

A line of the tests' own process or a row of the system log that holds a secret fails the test that wrote it; so does a
log of a program that runs beside the tests, when that program ends.
"""

import logging
import os
import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db.models.signals import post_save

from callastar.audit.models import LogEntry
from callastar.core.secrets import LOOKS, cards_in, own_secrets
from tests.factories import PASSWORD

# What no log says and the product need not know by its looks.
BODIES = {
    "payload": r"""\\*["'](?:object|api_version|livemode|payload)\\*["']:\s*(?:\\*["'{]|true|false)""",
    "mail": r"<html|BEGIN:VCALENDAR",
    "header": r"(?i:authorization\\*[\"']?:)",
    "password": r"\\*[\"'](?:password|passwd|new_password\w*)\\*[\"']:\s*\\*[\"'](?!…)",
}
_PATTERNS = {**LOOKS, **BODIES}
_ANY = re.compile("|".join(f"(?P<_{number}>{each})" for number, each in enumerate(_PATTERNS.values())))
_PASSWORDS = (PASSWORD, "another long phrase of mine")
_SESSIONS: deque[str] = deque(maxlen=200)  # of the people who signed in last
_FOUND: list[str] = []


def secrets_in(text: str) -> list[str]:
    """The kinds of secrets that a text holds, each with where it is, the secret itself cut short."""
    text = text.replace("\\n", "\n")  # as JSON writes it, which would hide where a word begins
    names = list(_PATTERNS)
    found = [
        f"{names[int(hit.lastgroup[1:])]}: {_around(text, hit[0])}"
        for hit in _ANY.finditer(text)
        if hit.lastgroup
    ]
    found += [f"card: {_around(text, card)}" for card in cards_in(text)]
    known: Iterable[str] = (*own_secrets(), *_PASSWORDS, *_SESSIONS)
    return found + [f"known secret: {_around(text, each)}" for each in known if each in text]


def _around(text: str, secret: str) -> str:
    place = text.index(secret)
    return f"{text[max(0, place - 80) : place]}{secret[:6]}…"


def search(where: str, text: str) -> None:
    """Note what is found, with the test that runs."""
    for found in secrets_in(text):
        _FOUND.append(f"{where}, {os.environ.get('PYTEST_CURRENT_TEST', '')}: {found}")


def taken() -> list[str]:
    """What was found since the last time."""
    found, _FOUND[:] = list(_FOUND), []
    return found


class Searching(logging.Formatter):
    """A formatter whose lines are searched as they are written."""

    def __init__(self, inner: logging.Formatter) -> None:
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        search("process log", line)
        return line


def install() -> None:
    """Search what the handlers of the process write, rows of the system log, and know sessions as they begin."""
    for handler in logging.getLogger().handlers:
        if handler.formatter:
            handler.setFormatter(Searching(handler.formatter))
    post_save.connect(_look_at_entry, sender=LogEntry, weak=False)
    post_save.connect(_know_session, sender=Session, weak=False)


def _look_at_entry(instance: LogEntry, **_: Any) -> None:
    search("system log", f"{instance.type} {instance.message} {instance.metadata}")


def _know_session(instance: Session, **_: Any) -> None:
    if instance.session_key not in _SESSIONS:
        _SESSIONS.append(instance.session_key)


def search_file(path: Path) -> None:
    """Fail if the log of a program holds a secret; it is gone afterwards."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    path.unlink()
    found = [each for line in lines for each in secrets_in(line)]
    assert not found, f"secrets in the log of a program: {found[:5]}"


def fail_if_found() -> None:
    """Fail, and say what was found where, if anything was."""
    if found := taken():
        pytest.fail("secrets in a log:\n" + "\n".join(found[:5]), pytrace=False)
