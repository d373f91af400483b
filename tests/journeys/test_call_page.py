"""The page of a call in real browsers: before, during and after (CA-4). Cameras and microphones are made of software.

What goes on inside Daily's room (chat, muting, a third person) `tests/contract/test_daily_room.py` proves.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from callastar.accounts.models import User
from callastar.audit.operations import Actor
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.transitions import change
from callastar.calls.models import Call, Provider, Room
from callastar.calls.operations.presence import note_session
from callastar.calls.operations.rooms import create_room, replace_room
from callastar.calls.operations.schedule import cancel_call
from callastar.core import clock
from tests.bookings import confirmed
from tests.contract.daily_api import wait_until
from tests.contract.daily_people import RECEIVED, WATCH
from tests.factories import make_creator, make_offer, make_user
from tests.journeys.test_booking_journey import watching

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}
DEVICES = {"permissions": ["camera", "microphone"]}
PATIENCE_SECONDS = 20
COUNT_ASKING = """() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.asked = 0;
    navigator.mediaDevices.getUserMedia = (wish) => { window.asked += 1; return ask(wish); };
}"""
REFUSE_DEVICES = """
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", window.deviceError); };
"""
PICTURE = "document.querySelector('[data-devices-picture]')"
SHOWN_FRAMES = f"{PICTURE}.getVideoPlaybackQuality().totalVideoFrames"


def starting_in(minutes: int) -> Booking:
    """A confirmed booking of Léa by Anne."""
    star = make_user(name="Léa Martin", role="CREATOR")
    offer = make_offer(creator=make_creator(user=star), starts_at=clock.now() + timedelta(minutes=minutes))
    return confirmed(offer, make_user(name="Anne"))


@pytest.fixture
def booking(site: str) -> Booking:
    """Confirmed, ten minutes before its start."""
    return starting_in(10)


def test_twenty_minutes_early(visit: Visit) -> None:
    """CA-3, CA-4: one waits, the page opens by itself; whose clock is wrong is still refused by ours."""
    early = starting_in(20)
    page = visit("/en/creators", early.fan)
    page.clock.install()
    page.goto(page.url.replace("/creators", f"/call/{early.pk}"))
    join = page.get_by_role("button", name="Join the call")
    expect(page.get_by_role("heading", name="The room opens 15 minutes before the start")).to_be_visible()
    expect(join).to_be_hidden()
    page.clock.run_for(301_000)
    expect(join).to_be_visible()
    expect(page.locator("#live-assertive")).to_contain_text("The room is open")
    join.click()
    expect(page.get_by_role("heading", name="You cannot join at the moment")).to_be_visible()
    expect(page.get_by_text("The room opens 15 minutes before the call.")).to_be_visible()
    expect(frame_box(page)).to_have_count(0)


def test_camera_microphone_and_speakers_are_tried_out(
    visit: Visit, axe: Callable[[Page], list[str]], booking: Booking
) -> None:
    """CA-4: asked by a click only; a moving picture, a level, a sound; what was chosen is kept; closed at the door."""
    page = visit(f"/en/call/{booking.pk}", booking.fan, **DEVICES, **PHONE)
    page.evaluate(COUNT_ASKING)
    check = page.get_by_role("button", name="Check camera and microphone")
    expect(check).to_be_visible()
    assert page.evaluate("window.asked") == 0
    check.focus()
    page.keyboard.press("Enter")
    expect(card(page, "Your camera and microphone work.")).to_be_visible()
    expect(card(page, "We hear you.")).to_be_visible()
    expect(page.get_by_role("meter").locator("[data-lit]").first).to_be_attached()
    expect(page.get_by_role("meter")).to_have_attribute(
        "aria-valuetext", re.compile("^(good|loud)$"), timeout=30_000
    )
    seen = page.evaluate(SHOWN_FRAMES)
    page.wait_for_function(f"seen => {SHOWN_FRAMES} > seen + 5", arg=seen)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Play a sound").click()
    expect(card(page, "You should hear three notes.")).to_be_visible()
    microphones = page.get_by_label("Microphone", exact=True)
    (chosen,) = microphones.select_option(index=1)
    page.wait_for_function(
        f"id => {PICTURE}.srcObject?.getAudioTracks()[0].getSettings().deviceId === id", arg=chosen
    )
    assert json.loads(page.evaluate("localStorage.getItem('callastar.devices')")) == {"microphone": chosen}
    expect(microphones).to_have_value(chosen)
    track = page.evaluate_handle(f"{PICTURE}.srcObject.getVideoTracks()[0]")
    page.get_by_role("button", name="Join the call").click()
    expect(frame_box(page)).to_be_visible()
    wait_until(lambda: track.evaluate("track => track.readyState") == "ended", PATIENCE_SECONDS)


def test_what_to_do_about_devices_that_fail(
    visit: Visit, axe: Callable[[Page], list[str]], booking: Booking
) -> None:
    """CA-4: blocked, missing, busy and insecure are told apart, each with its remedy; one may join all the same."""
    page = visit("/en/creators", booking.fan)
    page.add_init_script(REFUSE_DEVICES)
    page.goto(page.url.replace("/creators", f"/call/{booking.pk}"))
    for error, words in (
        ("NotAllowedError", "Click the icon to the left of the address"),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "Your camera is busy"),
    ):
        page.evaluate("error => { window.deviceError = error }", error)
        page.locator("[data-devices-act=start]:visible").click()
        expect(page.locator("[data-devices-problem]:visible", has_text=words)).to_be_visible()
        expect(page.locator("#live-assertive")).to_contain_text(words)
        assert axe(page) == []
    expect(page.locator("[data-devices-problem=blocked]")).to_be_hidden()
    page.evaluate("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    page.get_by_role("button", name="Try again").click()
    expect(card(page, "only work on a secure address")).to_be_visible()
    expect(page.get_by_role("button", name="Join the call")).to_be_enabled()


def test_the_other_one_is_here(visit: Visit, booking: Booking) -> None:
    """CA-4, UI-7: who waits sees, hears and reads in the title that the other one came, and that they left."""
    star = booking.creator.user
    page = visit(f"/en/call/{booking.pk}", booking.fan)
    waiting = page.locator("[data-call-part=before] [data-call-other]")
    expect(waiting).to_contain_text("Léa Martin is not here yet")
    watching(page)
    came = come(booking, star)
    expect(waiting).to_contain_text("Léa Martin is here")
    expect(page.locator("#live-polite")).to_contain_text("Léa Martin is here")
    expect(page).to_have_title(re.compile("^● Léa Martin is here"))
    note_session(
        room=came, session=str(star.pk), person_id=star.pk, joined_at=clock.now(), left_at=clock.now()
    )
    expect(waiting).to_contain_text("Léa Martin has left the room")
    page.route("**/events*", lambda route: route.abort())
    page.reload()
    expect(waiting).to_contain_text("Léa Martin is not here yet")
    note_session(room=came, session="another", person_id=star.pk, joined_at=clock.now())
    expect(waiting).to_contain_text("Léa Martin is here", timeout=30_000)


def test_both_meet_and_one_loses_the_network(visit: Visit, booking: Booking) -> None:
    """CA-3, CA-4: pictures both ways, a shared screen, ten seconds without a network, and no token in any page."""
    fan, star = booking.fan, booking.creator.user
    of_fan, of_star = (visit(f"/en/call/{booking.pk}", person, **DEVICES) for person in (fan, star))
    for page, person in ((of_fan, fan), (of_star, star)):
        page.add_init_script(WATCH)
        page.get_by_role("button", name="Join the call").click()
        room(page).locator("#join").click()
        expect(room(page).locator("#call")).to_be_visible()
        come(booking, person)
        assert "t=" not in page.url
        assert "?t=" not in page.locator("[data-call-frame]").evaluate("box => box.outerHTML")
    for page in (of_fan, of_star):
        sees_moving_pictures(page)
    expect(of_fan.locator("[data-call-part=room] [data-call-other]")).to_contain_text("Léa Martin is here")
    room(of_star).get_by_role("button", name="Share your screen").click()
    expect(room(of_fan).locator("#tiles .screen")).to_be_visible()
    of_fan.context.set_offline(True)
    expect(notice(of_fan, "Your connection is gone.")).to_be_visible()
    of_fan.wait_for_timeout(10_000)
    of_fan.context.set_offline(False)
    expect(notice(of_fan, "Your connection is back.")).to_be_visible()
    for page in (of_fan, of_star):
        sees_moving_pictures(page)
    of_fan.get_by_role("button", name="Leave", exact=True).click()
    expect(of_fan.get_by_role("heading", name="You have left the call")).to_be_focused()
    of_fan.get_by_role("button", name="Join again").click()
    expect(room(of_fan).locator("#join")).to_be_visible()


def test_the_call_moves_and_is_cancelled(visit: Visit, booking: Booking) -> None:
    """CA-1, CA-4: who is in a room that is replaced is taken to the new one; a cancellation is told by itself."""
    page = visit(f"/en/call/{booking.pk}", booking.fan, **DEVICES)
    page.get_by_role("button", name="Join the call").click()
    expect(room(page).locator("#join")).to_be_visible()
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("room").get(pk=booking.call_id)
        moved = replace_room(call=call, provider=Provider.BUILT_IN, why="test", now=clock.now())
    create_room(room_id=moved.pk, now=clock.now())
    expect(notice(page, "The call has moved to another room.")).to_be_visible()
    expect(room(page).locator("[data-room]")).to_be_visible()
    wait_until(lambda: frame_of(page).url.endswith(f"/en/room/{moved.name}"), PATIENCE_SECONDS)
    with transaction.atomic():
        by = Actor.of(booking.creator.user)
        change(
            booking=Booking.objects.select_related("offer", "payment").get(pk=booking.pk),
            to=BookingStatus.CANCELLED,
            actor=by,
            now=clock.now(),
            reason=CancelReason.CREATOR,
        )
        cancel_call(call_id=booking.call_id, now=clock.now())
    expect(page.get_by_role("heading", name="This call was cancelled")).to_be_focused()
    expect(frame_box(page)).to_have_count(0)


def notice(page: Page, text: str) -> Locator:
    return page.locator("[data-call-notice]", has_text=text)


def card(page: Page, text: str) -> Locator:
    """What the check of the devices says; the live region says it, too."""
    return page.locator("[data-devices]").get_by_text(text)


def frame_box(page: Page) -> Locator:
    return page.locator("[data-call-frame] iframe")


def room(page: Page) -> FrameLocator:
    return page.frame_locator("[data-call-frame] iframe")


def frame_of(page: Page) -> Frame:
    handle = frame_box(page).element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def sees_moving_pictures(page: Page) -> None:
    """Wait until frames of the other one are being decoded, at some speed."""
    frame = frame_of(page)

    def moves() -> bool:
        before = frame.evaluate(RECEIVED)["frames"]
        page.wait_for_timeout(400)
        return bool(frame.evaluate(RECEIVED)["frames"] >= before + 3)

    wait_until(moves, PATIENCE_SECONDS)


def come(booking: Booking, person: User) -> Room:
    """The host tells that somebody is in the room now."""
    room = Call.objects.select_related("room").get(pk=booking.call_id).room
    assert room is not None
    note_session(room=room, session=str(person.pk), person_id=person.pk, joined_at=clock.now())
    return room
