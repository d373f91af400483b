"""What the API says of built-in rooms. Times are ISO 8601 in UTC."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from callastar.calls import rules
from callastar.calls.ice import IceServer
from callastar.calls.operations.inside import Member, Place, Pulse
from callastar.calls.operations.signals import Letter
from callastar.core.api.fields import Text
from callastar.live.tokens import call_token

SESSION = "019a5f0e-7c1d-7b52-9d0c-3f8f3f4f9a10"
Session = Annotated[Text, StringConstraints(min_length=1, max_length=64), Field(examples=[SESSION])]
Side = Annotated[str, Field(examples=["fan"], json_schema_extra={"enum": ["fan", "creator"]})]


class YouOut(Schema):
    """The asker."""

    side: Side
    name: str = Field(examples=["Noa"])


class OtherOut(YouOut):
    """The other of the two; `session` is null while they are not in the room."""

    session: str | None = Field(examples=[SESSION])


class IceServerOut(Schema):
    """An entry of `RTCConfiguration.iceServers`; those of TURN have a name and a password for some time."""

    urls: Sequence[str] = Field(examples=[["turn:turn.example:3478?transport=udp"]])
    username: str | None = Field(None, examples=["1790000000:019a5f0e-7c1d-7b52-9d0c-3f8f3f4f9a10"])
    credential: str | None = Field(None, examples=["vJ1b8k9S0m2Jb7yYQdZb2vJxj3c="])


class PlaceOut(Schema):
    """A place in the room: `session` is the asker's from now on, their earlier one is over.

    `polite`: whether to give way when both browsers make an offer at once. `events_url` streams what happens. Say
    `beat` every `beat_seconds`: after 15 seconds of silence the session is over.
    """

    call: UUID
    session: str = Field(examples=[SESSION])
    you: YouOut
    other: OtherOut
    polite: bool
    ice_servers: list[IceServerOut]
    events_url: str
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    now: datetime
    chat: bool
    screenshare: bool
    beat_seconds: int = Field(examples=[5])


class TroubleIn(Schema):
    """Something that went wrong (or right again: `back`), in the browser's own words; `seconds`: how long it lasted."""

    kind: Literal["lost", "back", "poor", "device"] = Field(examples=["device"])
    detail: Annotated[Text, StringConstraints(max_length=200)] = Field("", examples=["NotReadableError"])
    seconds: int | None = Field(None, ge=0, le=86_400, examples=[7])


class BeatIn(Schema):
    """A sign of life. Of each kind of problem one a minute is kept."""

    session: Session
    problems: list[TroubleIn] = Field(default_factory=list, max_length=20)


class BeatOut(Schema):
    """`here` is false once the session is over; `ended` says how: `left`, `lost`, `replaced` (by another device) or
    `meeting` (the room was closed or replaced)."""

    here: bool
    ended: str | None = Field(examples=["replaced"])
    other: OtherOut


class LeaveIn(Schema):
    """The session to end; `token` for beacons, which have no headers."""

    session: Session
    token: str = Field("", max_length=2000)


class SignalIn(Schema):
    """A message to the other's session: an offer, an answer or a candidate, whatever the two browsers agree on."""

    session: Session
    to: Session
    payload: dict[str, Any] = Field(
        description=f"At most {rules.LONGEST_SIGNAL} bytes of JSON.",
        examples=[{"description": {"type": "offer", "sdp": "v=0…"}}],
    )


class SignalRef(Schema):
    """The number of a signal: later ones have higher numbers."""

    id: int = Field(examples=[4711])


class SignalsIn(Schema):
    """Whose signals, and after which."""

    session: Session
    after: int = Field(
        0, ge=0, le=2**63 - 1, description="`id` of the last one that was read; 0: from the beginning"
    )


class SignalOut(SignalRef):
    """A signal; `from` is the session that sent it."""

    sender: str = Field(serialization_alias="from", examples=[SESSION])
    payload: dict[str, Any] = Field(examples=[{"description": {"type": "answer", "sdp": "v=0…"}}])


class SignalsOut(Schema):
    """At most 200, the oldest first."""

    signals: list[SignalOut]


def place_out(place: Place, *, now: datetime) -> PlaceOut:
    """A place as JSON."""
    call = place.call
    return PlaceOut(
        call=call.pk,
        session=place.you.session,
        you=YouOut(side=place.you.side, name=place.you.name),
        other=other_out(place.other),
        polite=place.is_polite,
        ice_servers=[_ice_server_out(server) for server in place.ice_servers],
        events_url=f"/api/calls/{call.pk}/events?token={call_token(call.pk)}",
        starts_at=call.starts_at,
        ends_at=call.ends_at,
        closes_at=rules.closes_at(call.ends_at),
        now=now,
        chat=True,
        screenshare=True,
        beat_seconds=int(rules.BEAT.total_seconds()),
    )


def beat_out(pulse: Pulse) -> BeatOut:
    """The answer to a sign of life as JSON."""
    return BeatOut(here=pulse.is_here, ended=pulse.ended or None, other=other_out(pulse.other))


def other_out(member: Member) -> OtherOut:
    """The other person as JSON."""
    return OtherOut(side=member.side, name=member.name, session=member.session or None)


def signals_out(letters: Sequence[Letter]) -> SignalsOut:
    """Signals as JSON."""
    return SignalsOut(
        signals=[SignalOut(id=one.id, sender=one.sender, payload=one.payload) for one in letters]
    )


def _ice_server_out(server: IceServer) -> IceServerOut:
    return IceServerOut(
        urls=server.urls, username=server.username or None, credential=server.credential or None
    )
