"""The pages for people: a room, why somebody may not enter it, a recording's file, and the overview at ``/``."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandboxes.daily import recordings, rooms
from sandboxes.daily.admission import Refusal
from sandboxes.daily.entry import examine, features
from sandboxes.daily.events import ENDPOINT_KIND
from sandboxes.daily.meetings import MEETING_KIND, NotAdmitted, present
from sandboxes.daily.reports import meeting_view
from sandboxes.daily.service import Service
from sandboxes.daily.tokens import UnusableToken, read_token
from sandboxes.kit.pages import Pages

FOLDER = Path(__file__).parent
MEETINGS_SHOWN = 30
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    ),
}
STATUS = {Refusal.NO_ROOM: 404, Refusal.ROOM_EXPIRED: 410, Refusal.ACCESS_MISSING: 401}


def routes(service: Service) -> list[BaseRoute]:
    """The overview, the assets and, last, the rooms."""
    pages = Pages("daily", FOLDER / "templates")
    pages.filters["time"] = lambda moment: rooms.iso(moment)[:19].replace("T", " ")
    return [
        Route("/", partial(_overview, service, pages)),
        Mount("/_assets", StaticFiles(directory=FOLDER / "assets")),
        Route("/_recordings/{id}.mp4", partial(_recording, service)),
        Route("/{name}", partial(_room, service, pages)),
    ]


@cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = json.loads((FOLDER / "texts.json").read_text("utf-8"))
    return texts


def choose_language(*wishes: str | None, accepted: str) -> str:
    """The first wish that is fr or en, else the browser's order of preference, else en."""
    preferred = [part.partition(";")[0].strip() for part in accepted.split(",")]
    for wish in [*wishes, *preferred]:
        language = (wish or "")[:2].lower()
        if language in _texts():
            return language
    return "en"


def _language(service: Service, request: Request) -> str:
    room = service.store.get(rooms.KIND, request.path_params["name"])
    return choose_language(
        _token_language(service, request.query_params.get("t")),
        request.query_params.get("lang"),
        room["properties"].get("lang") if room else None,
        accepted=request.headers.get("accept-language", ""),
    )


def _token_language(service: Service, token: str | None) -> str | None:
    try:
        return read_token(service, token).get("uil") if token else None
    except UnusableToken:
        return None


async def _room(service: Service, pages: Pages, request: Request) -> Response:
    texts = _texts()[_language(service, request)]
    name, token = request.path_params["name"], request.query_params.get("t")
    try:
        admitted = examine(service, room=name, token=token)
    except NotAdmitted as error:
        return _refused(service, pages, name=name, token=token, reason=error.refusal, texts=texts)
    claims = admitted.claims or {}
    config = {
        "room": name,
        "name": claims.get("u"),
        "prejoin": claims.get("epui", rooms.setting(admitted.room, "enable_prejoin_ui")),
        **features(admitted),
        "texts": texts,
    }
    return _with_headers(pages.render("room.html", heading=texts["title"], texts=texts, config=config))


def _refused(
    service: Service, pages: Pages, *, name: str, token: str | None, reason: Refusal, texts: dict[str, str]
) -> Response:
    opens_at = _opening(service, name=name, token=token, reason=reason)
    page = pages.render(
        "notice.html",
        status_code=STATUS.get(reason, 403),
        heading=texts[f"refused_{reason}"],
        texts=texts,
        reason=reason.value,
        opens_at=opens_at,
        wait=max(0, opens_at - service.now()) if opens_at else 0,
    )
    return _with_headers(page)


def _opening(service: Service, *, name: str, token: str | None, reason: Refusal) -> float | None:
    """When the room or the token begins to let people in, if that is what is wrong."""
    if reason is Refusal.ROOM_EARLY:
        room = service.store.get(rooms.KIND, name)
        return room["properties"]["nbf"] if room else None
    if reason is Refusal.ACCESS_EARLY and token:
        opening: float = read_token(service, token)["nbf"]
        return opening
    return None


async def _recording(service: Service, request: Request) -> Response:
    """The file behind an access link: for whoever has the link, to be saved."""
    recording_id, query = request.path_params["id"], request.query_params
    is_good = recordings.is_good_link(
        service,
        recording_id=recording_id,
        expires=query.get("Expires", ""),
        signature=query.get("Signature", ""),
    )
    if not is_good:
        return PlainTextResponse("This link has expired or is not valid.", 403)
    if service.store.get(recordings.KIND, recording_id) is None:
        return PlainTextResponse("This recording was deleted.", 404)
    return FileResponse(FOLDER / "recording.mp4", media_type="video/mp4", filename=f"{recording_id}.mp4")


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


async def _overview(service: Service, pages: Pages, _request: Request) -> Response:
    meetings = list(reversed(service.store.all(MEETING_KIND)))[:MEETINGS_SHOWN]
    return pages.render(
        "overview.html",
        title="Rooms",
        rooms=[_overview_room(service, room) for room in reversed(service.store.all(rooms.KIND))],
        meetings=[meeting_view(service, meeting, with_participants=True) for meeting in meetings],
        webhooks=service.store.all(ENDPOINT_KIND),
        domain=service.domain,
        now=service.now(),
    )


def _overview_room(service: Service, room: dict[str, Any]) -> dict[str, Any]:
    return {
        **rooms.public_view(service, room),
        "gone": rooms.is_gone(room, now=service.now()),
        "inside": present(service, room["name"]),
    }
