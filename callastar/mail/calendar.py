"""Calendar files (RFC 5545, RFC 5546): the call as an event that calendars add, move and remove by its UID."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum

from icalendar import Calendar, Event, vCalAddress
from icalendar.enums import STATUS, TRANSP

from callastar.core.storable import legible

PRODUCT = "-//Call a Star//Calls//EN"


class Method(StrEnum):
    """What a calendar does with the event."""

    REQUEST = "REQUEST"  # add it, or change it when the sequence is higher
    CANCEL = "CANCEL"  # remove it


@dataclass(frozen=True, kw_only=True)
class CallEvent:
    """One call as a calendar shows it. `sequence` grows with each change of time and with the cancellation."""

    uid: str
    sequence: int
    written_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    link: str
    organizer: str
    attendee: str
    attendee_name: str


def calendar_file(event: CallEvent, *, method: Method) -> str:
    """The file's text, with the line ends that the format asks for. The same event gives the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(_event(event, method))
    return calendar.to_ical().decode()


def _event(call: CallEvent, method: Method) -> Event:
    name, address = parseaddr(call.organizer)
    return Event.new(
        uid=call.uid,
        stamp=call.written_at.replace(microsecond=0),
        sequence=call.sequence,
        start=call.starts_at,
        end=call.ends_at,
        summary=legible(call.summary),
        description=legible(call.description),
        url=call.link,
        location=call.link,
        status=STATUS.CANCELLED if method is Method.CANCEL else STATUS.CONFIRMED,
        transparency=TRANSP.TRANSPARENT if method is Method.CANCEL else TRANSP.OPAQUE,
        organizer=vCalAddress.new(address, cn=name or address),
        attendees=[
            vCalAddress.new(call.attendee, cn=legible(call.attendee_name), partstat="ACCEPTED", rsvp=False)
        ],
    )
