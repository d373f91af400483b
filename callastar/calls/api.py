"""`/api/calls/rooms/*`: the built-in room, for whoever holds a token for it. No cookie is needed or looked at."""

import json

from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.security import HttpBearer

from callastar.calls.builtin import RoomPass, read_signed
from callastar.calls.operations import inside, signals
from callastar.calls.operations.inside import Trouble
from callastar.calls.refusals import RoomTokenInvalidError
from callastar.calls.schemas import (
    BeatIn,
    BeatOut,
    LeaveIn,
    PlaceOut,
    SignalIn,
    SignalRef,
    SignalsIn,
    SignalsOut,
    beat_out,
    place_out,
    signals_out,
)
from callastar.core import clock
from callastar.core.api.fields import ProblemOut


class RoomToken(HttpBearer):
    """A room's token, as `daily/get-token` gives it, in the `Authorization` header."""

    def __call__(self, request: HttpRequest) -> RoomPass:
        """Who the token lets in. Whether it has expired matters at the door only."""
        return self.authenticate(request, self._token(request))

    def authenticate(self, request: HttpRequest, token: str) -> RoomPass:
        """What the token says. Raises `RoomTokenInvalidError`."""
        found = read_signed(token)
        if found is None:
            raise RoomTokenInvalidError
        return found

    def _token(self, request: HttpRequest) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class BeaconToken(RoomToken):
    """The same, or `token` in the body: what a browser sends while it closes a page has no headers."""

    def _token(self, request: HttpRequest) -> str:
        return super()._token(request) or _token_in_body(request.body)


router = Router(tags=["calls"], auth=RoomToken())


@router.post(
    "/rooms/{slug:name}/join",
    response={200: PlaceOut, (401, 403, 404, 409, 422, 503): ProblemOut},
    summary="Come into a built-in room",
)
def join(request: HttpRequest, name: str) -> PlaceOut:
    """A session of one's own; one that is open on another device ends.

    401 `room_token_invalid`, 403 `call_not_open_yet` or `call_over`, 404 `room_not_found`, 409 `room_moved` (the call
    has another room now) or `room_full` (for the call's two people only).
    """
    now = clock.now()
    return place_out(inside.join(ticket=_ticket(request), name=name, now=now), now=now)


@router.post(
    "/rooms/{slug:name}/beat",
    response={200: BeatOut, (401, 404, 409, 422): ProblemOut},
    summary="Say that one is still there",
)
def beat(request: HttpRequest, name: str, payload: BeatIn) -> BeatOut:
    """Every few seconds, with the problems since the last time. Who is silent for 15 seconds has left."""
    pulse = inside.beat(
        ticket=_ticket(request),
        name=name,
        session=payload.session,
        troubles=[Trouble(one.kind, one.detail, one.seconds) for one in payload.problems],
        now=clock.now(),
    )
    return beat_out(pulse)


@router.post(
    "/rooms/{slug:name}/leave",
    auth=BeaconToken(),
    response={204: None, (401, 404, 409, 422): ProblemOut},
    summary="Leave a built-in room",
)
def leave(request: HttpRequest, name: str, payload: LeaveIn) -> Status:
    """Ends the session at once; one that is over stays as it ended. Beacons send `token` in the body."""
    inside.leave(ticket=_ticket(request), name=name, session=payload.session, now=clock.now())
    return Status(204, None)


@router.post(
    "/rooms/{slug:name}/signals",
    response={201: SignalRef, (401, 403, 404, 409, 413, 422, 429, 503): ProblemOut},
    summary="Send a signal to the other browser",
)
def send_signal(request: HttpRequest, name: str, payload: SignalIn) -> Status:
    """Kept until it is fetched, for an hour at most. 409 `other_not_here` once the session it is for has ended."""
    number = signals.send_signal(
        ticket=_ticket(request),
        name=name,
        session=payload.session,
        to=payload.to,
        payload=payload.payload,
        now=clock.now(),
    )
    return Status(201, SignalRef(id=number))


@router.get(
    "/rooms/{slug:name}/signals",
    by_alias=True,
    response={200: SignalsOut, (401, 403, 404, 409, 422, 503): ProblemOut},
    summary="Fetch the signals of the other browser",
)
def list_signals(request: HttpRequest, name: str, wanted: Query[SignalsIn]) -> SignalsOut:
    """Those after the last one read: when the stream says `signal`, or each second where there is no stream."""
    found = signals.signals_since(
        ticket=_ticket(request), name=name, session=wanted.session, after=wanted.after, now=clock.now()
    )
    return signals_out(found)


def _ticket(request: HttpRequest) -> RoomPass:
    found: RoomPass = request.auth  # type: ignore[attr-defined]  # set by the router
    return found


def _token_in_body(body: bytes) -> str:
    try:
        token = json.loads(body).get("token")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return token if isinstance(token, str) else ""
