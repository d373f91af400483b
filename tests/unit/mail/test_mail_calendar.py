"""The calendar file of a call (EM-5)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from callastar.mail.calendar import CallEvent, Method, calendar_file
from callastar.mail.rendering import render
from tests.unit.mail.samples import BOOKING, NOW, sample

EVENT = CallEvent(
    uid=f"booking-{BOOKING}@callastar.example",
    sequence=0,
    written_at=datetime(2026, 3, 1, 9, 0, 0, 123, tzinfo=UTC),
    starts_at=datetime(2026, 3, 3, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 3, 3, 17, 30, tzinfo=UTC),
    summary="Appel avec Zoé, ; \\ – guitare",
    description="Accès dès 15 minutes avant",
    link="https://callastar.example/fr/call/1",
    organizer="Call a Star <hello@callastar.example>",
    attendee="fan@example.com",
    attendee_name='Zoé "Z" Martin',
)


def _read(text: str) -> tuple[Calendar, dict[str, str]]:
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return calendar, {
        name: str(value) for name, value in event.property_items() if name not in ("BEGIN", "END")
    }


def test_an_invitation_reads_back() -> None:
    """EM-5: what calendars need to add the call and to find it again."""
    text = calendar_file(EVENT, method=Method.REQUEST)
    calendar, event = _read(text)
    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == EVENT.uid
    assert event["SUMMARY"] == EVENT.summary
    assert event["URL"] == event["LOCATION"] == EVENT.link
    assert event["ORGANIZER"] == "mailto:hello@callastar.example"
    assert event["ATTENDEE"] == "mailto:fan@example.com"
    assert event["STATUS"] == "CONFIRMED"
    assert "DTSTART:20260303T170000Z\r\n" in text
    assert "DTEND:20260303T173000Z\r\n" in text


def test_lines_are_folded_and_bytes_repeat() -> None:
    """RFC 5545: lines of 75 octets at the most. EM-2: the same mail is the same bytes."""
    text = calendar_file(EVENT, method=Method.REQUEST)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text == calendar_file(EVENT, method=Method.REQUEST)


def test_a_cancellation_removes_the_same_event() -> None:
    """EM-5: the same UID with a higher sequence."""
    calendar, event = _read(calendar_file(replace(EVENT, sequence=2), method=Method.CANCEL))
    assert calendar["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (EVENT.uid, "2", "CANCELLED")


def test_the_confirmation_carries_the_invitation() -> None:
    """EM-5: in the recipient's language, with the call page of their language."""
    email = sample("booking_confirmed_fan", "fr")
    render(email, now=NOW)
    (attachment,) = email.attachments
    assert attachment["name"] == "invite.ics"
    assert attachment["content_type"] == "text/calendar; method=REQUEST"
    _calendar, event = _read(attachment["content"])
    assert event["UID"].startswith(f"booking-{BOOKING}@")
    assert event["URL"].endswith(f"/fr/call/{BOOKING}")
    assert event["SUMMARY"].startswith("Appel avec ")


@pytest.mark.parametrize("kind", ["fan by creator, all back", "creator by fan, half back"])
def test_the_cancellation_takes_the_same_event_out(kind: str) -> None:
    """EM-5, RFC 5546 3.2.5: the event of the confirmation, with a higher sequence than any before."""
    confirmation, cancellation = (
        sample(f"booking_confirmed_{kind.split()[0]}", "fr"),
        sample(f"booking_cancelled_{kind}", "fr"),
    )
    for email in (confirmation, cancellation):
        render(email, now=NOW)
    _calendar, before = _read(confirmation.attachments[0]["content"])
    calendar, after = _read(cancellation.attachments[0]["content"])
    assert cancellation.attachments[0]["content_type"] == "text/calendar; method=CANCEL"
    assert (calendar["METHOD"], after["STATUS"]) == ("CANCEL", "CANCELLED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"]) + 2  # two moves at the most (BK-8)
    for same in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND"):
        assert after[same] == before[same]
    assert after["DESCRIPTION"] == "Cet appel a été annulé"
