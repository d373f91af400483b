"""The built-in room's mailbox: how two browsers agree on the way between them.

It lies in the database: whichever process takes a signal, any other one can hand it over.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from callastar.calls import rules
from callastar.calls.builtin import RoomPass
from callastar.calls.models import Presence, Room, Signal
from callastar.calls.operations.inside import check_is_open, own_session, room_for
from callastar.calls.refusals import (
    OtherNotHereError,
    SessionOverError,
    SignalInvalidError,
    SignalTooLargeError,
    TooManySignalsError,
)
from callastar.live.operations import publish_call

MOST_AT_ONCE = 200
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Letter:
    """A signal as its reader gets it."""

    id: int
    sender: str
    payload: Any


def send_signal(*, ticket: RoomPass, name: str, session: str, to: str, payload: Any, now: datetime) -> int:
    """Put a signal into the other's mailbox and wake them; answers its number.

    Raises what a beat raises, what `join` raises once the room is closed, and `SessionOverError`,
    `OtherNotHereError`, `SignalInvalidError`, `SignalTooLargeError`, `TooManySignalsError`.
    """
    room = room_for(ticket=ticket, name=name)
    sender = _live_session(ticket, room, session, now)
    _check(payload)
    with transaction.atomic():
        # One writer at a time: numbers are given in the order in which they are seen, so a reader misses none.
        others = room.presences.select_for_update(no_key=True, of=("self",)).exclude(
            person_id=ticket.person_id
        )
        receiver = others.filter(session=to, left_at=None).first()
        if receiver is None:
            raise OtherNotHereError
        if Signal.objects.filter(sender=sender).count() >= rules.MOST_SIGNALS:
            raise TooManySignalsError
        signal = Signal.objects.create(room=room, sender=sender, to=receiver, payload=payload, created_at=now)
        publish_call(call_id=room.call_id, what="signal", to=UUID(receiver.session))
    return signal.pk


def signals_since(
    *, ticket: RoomPass, name: str, session: str, after: int, now: datetime
) -> Sequence[Letter]:
    """What was sent to one's own session after a signal, the oldest first, 200 at most. The refusals of sending."""
    room = room_for(ticket=ticket, name=name)
    reader = _live_session(ticket, room, session, now)
    found = Signal.objects.filter(to=reader, pk__gt=after).order_by("pk")
    rows = found.values_list("pk", "sender__session", "payload")[:MOST_AT_ONCE]
    return [Letter(id=pk, sender=sender, payload=payload) for pk, sender, payload in rows]


def _live_session(ticket: RoomPass, room: Room, session: str, now: datetime) -> Presence:
    presence = own_session(ticket=ticket, room=room, session=session)
    check_is_open(call=room.call, room=room, now=now)
    is_lost = presence.seen_at is None or presence.seen_at < now - rules.SILENCE
    if presence.left_at is not None or is_lost:
        raise SessionOverError
    return presence


def _check(payload: Any) -> None:
    """What PostgreSQL's `jsonb`, or the reader's answer, would not take is refused by name, and what is too large."""
    try:
        text = json.dumps(payload, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (ValueError, RecursionError) as error:
        raise SignalInvalidError from error
    if size > rules.LONGEST_SIGNAL:
        raise SignalTooLargeError
    if _NUL.search(text) or _is_deeper(payload, rules.DEEPEST_SIGNAL):
        raise SignalInvalidError


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists lie within each other over more levels than that."""
    inner = list(value.values()) if isinstance(value, dict) else value
    return isinstance(inner, list) and (not levels or any(_is_deeper(one, levels - 1) for one in inner))
