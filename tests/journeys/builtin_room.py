"""A call in a built-in room, as the tests look at it: who is where, what is seen, what travels."""

import time

from django.db import transaction
from playwright.sync_api import Frame, Locator, Page, expect

from callastar.bookings.models import Booking
from callastar.calls.models import Call, Provider, Room
from callastar.calls.operations.rooms import create_room, replace_room
from callastar.core import clock

# The page keeps its connections to itself; the tests look at every one that it makes.
KEEP_PEERS = """
  window.peers = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...options) { super(...options); window.peers.push(this); }
  };
"""
WITHOUT_CAMERA = """
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (wanted.video) throw new DOMException("", "NotFoundError");
    return original(wanted);
  };
"""
WITHOUT_PERMISSION = """
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); };
"""
FRAMES_DECODED = """async () => {
  const peer = window.peers.filter((one) => one.connectionState === "connected").at(-1);
  if (!peer) return 0;
  const reports = [...(await peer.getStats()).values()];
  const frames = (report) => report.type === "inbound-rtp" && report.kind === "video" ? report.framesDecoded ?? 0 : 0;
  return reports.reduce((sum, report) => sum + frames(report), 0);
}"""
SOUND = "() => document.querySelector('[data-audio=other]').srcObject?.getAudioTracks()[0]?.readyState"
SEEN_SECONDS = 30


def built_in_room(booking: Booking) -> Room:
    """Move the booking's call to a built-in room, as the product does when Daily fails."""
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("room").get(pk=booking.call_id)
        room = replace_room(call=call, provider=Provider.BUILT_IN, why="test", now=clock.now())
    return create_room(room_id=room.pk, now=clock.now())


def inside(page: Page) -> Frame:
    """The room in the frame of the call's page."""
    deadline = time.monotonic() + SEEN_SECONDS
    while time.monotonic() < deadline:
        for frame in page.frames:
            if "/room/" in frame.url:
                return frame
        page.wait_for_timeout(100)
    raise AssertionError("there is no frame with a room")


def seen(room: Frame | Page, text: str) -> Locator:
    """A text that is to be seen, and not only read out."""
    return room.locator("main").get_by_text(text)


def expect_picture(room: Frame | Page, who: str = "other") -> None:
    """Somebody is really seen: a picture with a size, whose frames go on being decoded."""
    expect(room.locator(f"[data-video={who}]")).to_be_visible(timeout=SEEN_SECONDS * 1000)
    room.wait_for_function(f"() => document.querySelector('[data-video={who}]').videoWidth > 0")
    before, deadline = room.evaluate(FRAMES_DECODED), time.monotonic() + SEEN_SECONDS
    while not 0 < before < (now := room.evaluate(FRAMES_DECODED)):
        assert time.monotonic() < deadline, f"no frame was decoded after the first {before}"
        before = now  # a new connection counts from the beginning
        room.wait_for_timeout(100)


def write(room: Frame | Page, text: str) -> None:
    """Send a message with the keyboard."""
    field = room.get_by_label("Your message")
    field.fill(text)
    field.press("Enter")
