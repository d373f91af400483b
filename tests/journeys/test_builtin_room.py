"""Two people meet in a room of our own (CA-1), in real browsers with cameras and microphones of software."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.calls.models import CallEvent, Presence
from callastar.core import clock
from tests.contract.daily_api import wait_until
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer, make_user
from tests.journeys.builtin_room import (
    KEEP_PEERS,
    SOUND,
    WITHOUT_CAMERA,
    WITHOUT_PERMISSION,
    built_in_room,
    expect_picture,
    inside,
    seen,
    write,
)
from tests.journeys.test_booking_journey import confirmed_soon
from tests.rooms import BuiltInRoom, make_built_in_room
from tests.stripe_people import make_onboarded_creator

Visit = Callable[..., Page]
Enter = Callable[..., Page]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
DEVICES = ["camera", "microphone"]
SOON = 30_000  # milliseconds: from one browser by the server to the other, on a busy machine


@pytest.fixture
def booking(site: str, at_stripe: SandboxProgram) -> Booking:
    star = make_user(name="Léa Martin", role="CREATOR")
    offer = make_offer(creator=make_onboarded_creator(at_stripe, user=star, slug="lea"))
    return confirmed_soon(offer, make_user(name="Anne Quill"))


@pytest.fixture
def room(site: str) -> BuiltInRoom:
    return make_built_in_room()


@pytest.fixture
def enter(site: str, room: BuiltInRoom, new_context: Callable[..., BrowserContext]) -> Enter:
    """Opens the room's page itself, without the call's page around it."""

    def open_window(
        fragment: str, *, language: str = "en", script: str = KEEP_PEERS, **options: object
    ) -> Page:
        context = new_context(permissions=DEVICES, **options)
        context.add_init_script(script)
        page = context.new_page()
        page.goto(f"{site}/{language}/room/{room.name}{fragment}")
        return page

    return open_window


def test_a_call(visit: Visit, booking: Booking) -> None:
    """CA-1, CA-3, CA-4: seen and heard, written, muted, shown, the network lost and found, and left."""
    room = built_in_room(booking)
    pages = [join(visit, booking, person) for person in (booking.fan, booking.creator.user)]
    of_fan, of_star = map(inside, pages)
    for one in (of_fan, of_star):
        expect_picture(one)
        assert one.evaluate(SOUND) == "live"
        assert "#" not in one.evaluate("location.href")

    of_fan.get_by_role("button", name="Messages").click()
    write(of_fan, "Hello <b>Léa</b>")
    expect(of_star.locator("[data-room-unread]")).to_have_text("1 unread", timeout=SOON)
    expect(of_star.locator("#live-polite")).to_have_text("Anne Quill: Hello <b>Léa</b>")
    of_star.get_by_role("button", name="Messages").click()
    expect(of_star.get_by_role("log")).to_contain_text("Hello <b>Léa</b>", timeout=SOON)
    write(of_star, "Hello Anne")
    expect(of_fan.get_by_role("log")).to_contain_text("Hello Anne", timeout=SOON)
    expect(seen(of_fan, "on its way")).to_have_count(0, timeout=SOON)

    of_star.get_by_label("Your message").press("Escape")
    expect(of_star.get_by_role("log")).to_be_hidden()
    of_star.locator("body").press("m")
    expect(of_star.get_by_role("button", name="Microphone")).to_have_attribute("aria-pressed", "false")
    expect(of_fan.locator("[data-room-other-muted]")).to_be_visible(timeout=SOON)
    of_star.locator("body").press("v")
    expect(seen(of_fan, "Léa Martin’s camera is off")).to_be_visible(timeout=SOON)
    of_star.get_by_role("button", name="Camera").click()
    expect_picture(of_fan)

    of_star.get_by_role("button", name="Screen").click()
    expect_picture(of_fan, "screen")
    of_star.get_by_role("button", name="Stop showing").click()
    expect(of_fan.locator("[data-video=screen]")).to_be_hidden(timeout=SOON)

    pages[0].context.set_offline(True)
    expect(seen(of_fan, "No connection. Reconnecting…")).to_be_visible(timeout=SOON)
    pages[0].wait_for_timeout(10_000)
    pages[0].context.set_offline(False)
    expect(seen(of_fan, "No connection. Reconnecting…")).to_be_hidden(timeout=SOON)
    for one in (of_fan, of_star):
        expect_picture(one)
    wait_until(lambda: room.presences.filter(left_at=None).count() == 2)

    of_fan.get_by_role("button", name="Leave").click()
    expect(pages[0].get_by_role("heading", name="You have left the call")).to_be_visible()
    expect(seen(of_star, "Anne Quill has left")).to_be_visible(timeout=SOON)
    # The other browser tells it sooner than the server has written it down.
    wait_until(room.presences.filter(person_id=booking.fan_id, ended="left").exists)


def test_another_device(enter: Enter, room: BuiltInRoom) -> None:
    """CA-1: one device a person; the call follows to the other one and comes back at a click."""
    of_fan = enter(f"#t={room.token(room.fan)}")
    expect(seen(of_fan, "Zoé Amadou is not here yet")).to_be_visible(timeout=SOON)
    laptop, phone = (enter(f"#t={room.token(room.creator)}", viewport=size) for size in (DESKTOP, PHONE))
    expect(laptop.get_by_role("heading", name="You joined on another device")).to_be_focused(timeout=SOON)
    expect_picture(phone)
    expect_picture(of_fan)
    laptop.get_by_role("button", name="Use this device").click()
    expect(phone.get_by_role("heading", name="You joined on another device")).to_be_visible(timeout=SOON)
    expect_picture(laptop)
    expect_picture(of_fan)
    assert Presence.objects.filter(person_id=room.creator.pk, left_at=None).count() == 1


def test_for_the_two_alone(enter: Enter, room: BuiltInRoom) -> None:
    """CA-3: without a token, with one that was changed, is old or is of another room, and for a third person."""
    good = room.token(room.fan)
    for fragment, told in {
        "": "This address alone opens no room.",
        f"#t={good[:-3]}abc": "",
        f"#t={room.token(room.fan, expires_at=clock.now() - timedelta(seconds=1))}": "",
        f"#t={room.token(room.fan, room_name='callastar-other')}": "",
        f"#t={room.token(make_user())}": "",
    }.items():
        page = enter(fragment)
        expect(page.get_by_role("heading", name="You cannot join at the moment")).to_be_visible(timeout=SOON)
        expect(page.locator("[data-room-over-text]")).to_contain_text(told or "call")
        assert "#" not in page.url
        page.context.close()
    assert not Presence.objects.exists()


def test_without_camera_permission_or_stream(enter: Enter, room: BuiltInRoom) -> None:
    """CA-1, CA-4: nothing of that keeps anybody out; the page says what is wrong and what to do."""
    heard = enter(f"#t={room.token(room.creator)}", script=KEEP_PEERS + WITHOUT_CAMERA)
    expect(heard.get_by_role("heading", name="No camera works")).to_be_visible(timeout=SOON)
    heard.get_by_role("button", name="Dismiss").click()
    silent = enter(f"#t={room.token(room.fan)}", script=KEEP_PEERS + WITHOUT_PERMISSION)
    expect(silent.get_by_role("heading", name="Your browser does not let us")).to_be_visible(timeout=SOON)
    expect(seen(silent, "Click the icon to the left of the address")).to_be_visible()
    expect(seen(silent, "Zoé Amadou’s camera is off")).to_be_visible(timeout=SOON)
    assert silent.evaluate(SOUND) == "live"
    silent.context.route("**/events*", lambda route: route.abort())
    silent.reload()
    silent.goto(f"{silent.url}#t={room.token(room.fan)}")
    expect(seen(silent, "Zoé Amadou’s camera is off")).to_be_visible(timeout=SOON)
    problems = CallEvent.objects.filter(kind=CallEvent.Kind.DEVICE_PROBLEM)
    wait_until(problems.filter(person_id=room.creator.pk).exists)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_accessible(enter: Enter, room: BuiltInRoom, axe: Callable[[Page], list[str]], language: str) -> None:
    """UI-7: axe finds nothing on a phone or a large screen, in either theme, whatever is open; nothing is too wide."""
    for theme, size in (("dark", PHONE), ("light", DESKTOP)):
        page = enter(f"#t={room.token(room.fan)}", language=language, color_scheme=theme, viewport=size)
        expect(page.locator("[data-room-middle-title]")).to_contain_text("Zoé Amadou", timeout=SOON)
        page.locator("[data-room-chat-button]").click()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("[data-room-act=settings]").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.locator("[data-room-act=leave]").click()
        expect(page.locator("[data-room-over-title]")).to_be_focused()
        assert axe(page) == []
        page.context.close()


def join(visit: Visit, booking: Booking, person: User) -> Page:
    """By the page of the call, as everybody does."""
    page = visit("/en/bookings", person, permissions=DEVICES)
    page.context.add_init_script(KEEP_PEERS)
    page.goto(page.url.split("/en/")[0] + f"/en/call/{booking.pk}")
    page.get_by_role("button", name="Join the call").click()
    expect(page.locator("[data-call-frame] iframe")).to_be_visible()
    return page
