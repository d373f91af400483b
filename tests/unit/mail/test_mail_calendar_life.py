"""The calendar files of one call over its life, as two libraries that have nothing in common read them (EM-5)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import vobject
from icalendar import Calendar

from callastar.mail.examples.scene import AT, DAY, MINUTES
from callastar.mail.models import EmailLog
from tests.unit.mail.samples import AWKWARD, BOOKING, EXAMPLES

LIFE = (
    ("booking_confirmed_{}", {}),
    ("rescheduled_{}, proposed by the fan, move 1", {"starts_at": AT + DAY}),
    ("rescheduled_{}, proposed by the creator, move 2", {"starts_at": AT + 2 * DAY}),
    ("booking_cancelled_{} by platform, all back", {"starts_at": AT + 2 * DAY}),
)
ZONES = ("Europe/Paris", "America/New_York", "Pacific/Auckland")


@dataclass(frozen=True)
class Read:
    """What a library makes of a file."""

    method: str
    uid: str
    sequence: int
    status: str
    starts_at: datetime
    ends_at: datetime
    organizer: str
    attendee: str
    summary: str


def _by_icalendar(text: str) -> Read:
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return Read(
        str(calendar["METHOD"]),
        str(event["UID"]),
        int(event["SEQUENCE"]),
        str(event["STATUS"]),
        event["DTSTART"].dt,
        event["DTEND"].dt,
        str(event["ORGANIZER"]),
        str(event["ATTENDEE"]),
        str(event["SUMMARY"]),
    )


def _by_vobject(text: str) -> Read:
    calendar = vobject.readOne(text, validate=True)
    event = calendar.vevent
    return Read(
        calendar.method.value,
        event.uid.value,
        int(event.sequence.value),
        event.status.value,
        event.dtstart.value,
        event.dtend.value,
        event.organizer.value,
        event.attendee.value,
        event.summary.value,
    )


def _mails(role: str, locale: str, zone: str) -> list[EmailLog]:
    named = [(EXAMPLES[name.format(role)], changes) for name, changes in LIFE]
    return [
        replace(example, arguments={**example.arguments, **changes}).rendered(locale=locale, time_zone=zone)
        for example, changes in named
    ]


def _file(email: EmailLog) -> str:
    (file,) = email.attachments
    return str(file["content"])


@pytest.mark.parametrize("read", [_by_icalendar, _by_vobject])
@pytest.mark.parametrize("role", ["fan", "creator"])
def test_a_call_is_one_event_over_its_life(read: Callable[[str], Read], role: str) -> None:
    """RFC 5546: added, moved twice, removed: by the same UID, with a sequence that only rises, to the same person."""
    for locale, zone in (("fr", ZONES[0]), ("en", ZONES[1]), ("en", ZONES[2])):
        files = [read(_file(email)) for email in _mails(role, locale, zone)]
        assert [file.method for file in files] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
        assert [file.status for file in files] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert [file.starts_at for file in files] == [AT, AT + DAY, AT + 2 * DAY, AT + 2 * DAY]
        assert {file.ends_at - file.starts_at for file in files} == {timedelta(minutes=MINUTES)}
        assert {file.starts_at.utcoffset() for file in files} == {timedelta(0)}
        sequences = [file.sequence for file in files]
        assert sequences == sorted(set(sequences))
        (uid,) = {file.uid for file in files}
        assert uid.startswith(f"booking-{BOOKING}@")
        (organizer,) = {file.organizer for file in files}
        assert organizer.startswith("mailto:")
        reader = "camille" if role == "fan" else "zoe"
        assert {file.attendee for file in files} == {f"mailto:{reader}@example.com"}
        assert all(AWKWARD in file.summary for file in files)


def test_the_libraries_agree_and_lines_are_as_calendars_want_them() -> None:
    """RFC 5545, 3.1: CRLF, 75 octets at the most, UTF-8 whole; the type names the method, as Gmail and Outlook ask."""
    for role in ("fan", "creator"):
        for email in _mails(role, "fr", "Asia/Tokyo"):
            text = _file(email)
            assert _by_icalendar(text) == _by_vobject(text)
            assert text.endswith("END:VCALENDAR\r\n")
            assert "\n" not in text.replace("\r\n", "")
            assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
            method = _by_icalendar(text).method
            assert email.attachments[0]["content_type"] == f"text/calendar; method={method}"
