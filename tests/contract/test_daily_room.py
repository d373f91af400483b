"""Daily's room page: a real call of two people in two browsers (SB-3; CA-4, CA-6 rely on it)."""

import pytest
from playwright.sync_api import expect

from tests.contract.daily_api import EVENTS, DailyApi, in_seconds, join, wait_until
from tests.contract.daily_people import PHONE, People, Person
from tests.contract.sandbox_program import Receiver, SandboxProgram


@pytest.fixture
def url(daily: DailyApi) -> str:
    """A room as the product makes it."""
    room = daily.room(privacy="private", max_participants=2, enable_chat=True, exp=in_seconds(3600))
    address: str = room["url"]
    return address


@pytest.fixture
def two(daily: DailyApi, url: str, person: People) -> tuple[Person, Person]:
    """Ada, the owner, and Léo, a fan, in a call."""
    ada = person().open(
        url, daily.token(room_name="hello", user_id="1", user_name="Ada Byron", is_owner=True)
    )
    leo = person(**PHONE).open(url, daily.token(room_name="hello", user_id="2", user_name="Léo"))
    ada.join()
    expect(ada.page.get_by_text("Waiting for the other person")).to_be_visible()
    leo.join()
    expect(ada.page.locator("#tiles .person")).to_have_attribute("data-connected", "true")
    expect(leo.page.locator("#tiles .person")).to_have_attribute("data-connected", "true")
    return ada, leo


def test_two_people_see_and_hear_each_other(
    daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver, two: tuple[Person, Person]
) -> None:
    """SB-3: decoded frames and sound arrive on both sides; the API and the other one hear of leaving."""
    daily.ok("POST", "/webhooks", json={"url": receiver.url, "eventTypes": EVENTS})
    ada, leo = two
    for one, other in ((ada, "Léo"), (leo, "Ada Byron")):
        one.sees_moving_pictures()
        one.hears()
        expect(one.page.locator("#tiles .tile-name [data-name]")).to_have_text(other)
        expect(one.page.get_by_text("Waiting for the other person")).to_be_hidden()
        expect(one.page.locator("#count")).to_have_text("In the room: 2")
    assert [(entry["userId"], entry["userName"]) for entry in daily.presence()] == [
        ("1", "Ada Byron"),
        ("2", "Léo"),
    ]

    leo.page.get_by_role("button", name="Leave the call").click()
    expect(leo.page.get_by_role("heading", name="You left the call")).to_be_focused()
    expect(ada.page.get_by_text("Waiting for the other person")).to_be_visible()
    expect(ada.page.get_by_role("status").first).to_have_text("Léo left")
    left = receiver.wait_for_types("participant.left")[-1].json["payload"]
    assert (left["user_id"], left["owner"]) == ("2", False)
    leo.page.get_by_role("button", name="Come back").click()
    leo.join()
    ada.sees_moving_pictures()


def test_closing_the_window_leaves(daily: DailyApi, two: tuple[Person, Person]) -> None:
    """CA-6: closing the tab counts as leaving at once."""
    ada, leo = two
    leo.page.close(run_before_unload=False)
    wait_until(lambda: len(daily.presence()) == 1)
    expect(ada.page.get_by_text("Waiting for the other person")).to_be_visible()


def test_microphone_and_camera_are_shown_to_the_other(two: tuple[Person, Person]) -> None:
    """SB-3: the buttons work and the other one sees it."""
    ada, leo = two
    tile = leo.page.locator("#tiles .person")
    ada.page.get_by_role("button", name="Turn off microphone").click()
    expect(tile).to_have_attribute("data-microphone", "off")
    expect(tile.locator(".muted-mark")).to_be_visible()
    expect(leo.page.get_by_role("status").first).to_have_text("Ada Byron turned the microphone off")
    ada.page.get_by_role("button", name="Turn on microphone").click()
    expect(tile.locator(".muted-mark")).to_be_hidden()

    ada.page.get_by_role("button", name="Turn off camera").click()
    expect(tile).to_have_attribute("data-camera", "off")
    expect(tile.locator(".initials")).to_have_text("AB")
    expect(tile.locator(".initials")).to_be_visible()
    leo.page.get_by_role("button", name="Show who is here").click()
    expect(leo.page.locator("#people-list")).to_contain_text("Host · Camera off")
    leo.page.keyboard.press("Escape")
    ada.page.get_by_role("button", name="Turn on camera").click()
    expect(tile.locator(".initials")).to_be_hidden()
    leo.sees_moving_pictures()


def test_the_screen_is_shared(two: tuple[Person, Person]) -> None:
    """SB-3: the shared screen is a second picture that moves."""
    ada, leo = two
    ada.page.get_by_role("button", name="Share your screen").click()
    screen = leo.page.locator("#tiles .screen")
    expect(screen).to_contain_text("Ada Byron is sharing the screen")
    leo.page.wait_for_function(
        "() => document.querySelector('.screen video').getVideoPlaybackQuality().totalVideoFrames > 5"
    )
    expect(ada.page.get_by_text("You are sharing your screen")).to_be_visible()
    ada.page.get_by_role("button", name="Stop sharing").click()
    expect(screen).to_have_count(0)
    leo.sees_moving_pictures()


def test_chat(two: tuple[Person, Person]) -> None:
    """SB-3: lines arrive as text, with a count while the panel is closed."""
    ada, leo = two
    ada.says("Hello <b>Léo</b>")
    expect(leo.page.locator("#unread")).to_have_text("1")
    leo.says("Salut !")
    for one in (ada, leo):
        expect(one.page.locator(".line-text")).to_have_text(["Hello <b>Léo</b>", "Salut !"])
    expect(leo.page.locator("#unread")).to_be_hidden()
    leo.page.keyboard.press("Escape")
    expect(leo.page.locator("#chat-panel")).to_be_hidden()
    expect(leo.page.get_by_role("button", name="Open the chat")).to_be_focused()


def test_a_third_is_refused(
    daily: DailyApi, url: str, person: People, daily_sandbox: SandboxProgram, two: tuple[Person, Person]
) -> None:
    """SB-3, CA-2: two are enough, at the door as well as at the last moment."""
    zoe = person().open(url, daily.token(room_name="hello", user_name="Zoé"))
    expect(zoe.page.get_by_role("heading", name="This room is full")).to_be_visible()
    two[0].page.get_by_role("button", name="Leave the call").click()
    wait_until(lambda: len(daily.presence()) == 1)
    zoe.page.get_by_role("link", name="Try again").click()
    expect(zoe.page.locator("#join")).to_be_visible()
    join(daily_sandbox, token=daily.token(room_name="hello"))
    zoe.page.click("#join")
    expect(zoe.page.get_by_role("heading", name="This room is full")).to_be_visible()
    assert len(daily.presence()) == 2


def test_the_sandbox_restarts_under_the_call(
    daily: DailyApi, daily_sandbox: SandboxProgram, two: tuple[Person, Person]
) -> None:
    """SB-1, CA-4: the signalling is lost and found again; the sessions stay the same, the picture goes on."""
    ada, leo = two
    before = [entry["id"] for entry in daily.presence()]
    daily_sandbox.kill()
    for one in two:
        expect(one.page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
        one.sees_moving_pictures()
    daily_sandbox.start()
    for one in two:
        expect(one.page.locator("#banner")).to_be_hidden()
        one.sees_moving_pictures()
    assert [entry["id"] for entry in daily.presence()] == before
    ada.says("Still there?")
    expect(leo.page.locator("#unread")).to_have_text("1")
    leo.page.get_by_role("button", name="Turn off microphone").click()
    expect(ada.page.locator("#tiles .person")).to_have_attribute("data-microphone", "off")


def test_one_network_is_lost(daily: DailyApi, two: tuple[Person, Person]) -> None:
    """CA-4: the other one is told; the session continues when the network is back."""
    ada, leo = two
    before = [entry["id"] for entry in daily.presence()]
    leo.context.set_offline(True)
    expect(leo.page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
    expect(ada.page.get_by_text("Léo lost the connection")).to_be_visible()
    leo.context.set_offline(False)
    expect(leo.page.locator("#banner")).to_be_hidden()
    expect(ada.page.get_by_text("Léo lost the connection")).to_be_hidden()
    assert [entry["id"] for entry in daily.presence()] == before
    ada.says("Welcome back")
    expect(leo.page.locator("#unread")).to_have_text("1")
    ada.sees_moving_pictures()


def test_away_for_too_long(
    daily: DailyApi, daily_sandbox: SandboxProgram, two: tuple[Person, Person]
) -> None:
    """CA-6: the session ends, and a new one begins by itself when the network is back."""
    ada, leo = two
    first = daily.presence()[1]["id"]
    leo.context.set_offline(True)
    expect(ada.page.get_by_text("Léo lost the connection")).to_be_visible()
    daily_sandbox.control("POST", "clock", {"advance": 30})
    expect(ada.page.get_by_text("Waiting for the other person")).to_be_visible()
    leo.context.set_offline(False)
    ada.sees_moving_pictures()
    leo.sees_moving_pictures()
    assert daily.presence()[1]["id"] != first


def test_a_broken_connection_gives_way_to_the_same_person(
    daily: DailyApi, url: str, person: People, two: tuple[Person, Person]
) -> None:
    """CA-4: whoever comes back from another device is not locked out by their own lost session."""
    ada, leo = two
    leo.context.set_offline(True)
    expect(ada.page.get_by_text("Léo lost the connection")).to_be_visible()
    again = person().open(url, daily.token(room_name="hello", user_id="2", user_name="Léo")).join()
    again.sees_moving_pictures()
    assert len(daily.presence()) == 2


def test_ejected_at_the_end_of_the_token(
    daily: DailyApi, daily_sandbox: SandboxProgram, url: str, person: People
) -> None:
    """SB-3: the eject time is counted down and kept."""
    ada = person().open(url, daily.token(room_name="hello", eject_after_elapsed=100, user_name="Ada")).join()
    expect(ada.page.locator("#ending")).to_contain_text("Ends in 01:")
    daily_sandbox.control("POST", "clock", {"advance": 101})
    expect(ada.page.get_by_role("heading", name="The call is over")).to_be_visible()


def test_a_virtual_participant_is_seen(
    daily: DailyApi, daily_sandbox: SandboxProgram, person: People
) -> None:
    """SB-2: join and leave of the controls show in a real browser too, which the API can eject."""
    ada = person().open(daily.room("open")["url"]).join("Ada")
    session = join(daily_sandbox, "open", name="Robot")
    expect(ada.page.locator("#tiles .tile-name [data-name]")).to_have_text("Robot")
    daily_sandbox.control("POST", "leave", {"session_id": session["session_id"]})
    expect(ada.page.get_by_text("Waiting for the other person")).to_be_visible()
    expect(ada.page.locator("#chat")).to_be_hidden()  # Daily's default is a room without chat
    mine = daily.presence("open")[0]["id"]
    daily.ok("POST", "/rooms/open/eject", json={"ids": [mine]})
    expect(ada.page.get_by_role("heading", name="The call is over")).to_be_visible()
