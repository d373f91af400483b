"""Daily's room page around the call: the door, languages, devices, frames, phones, accessibility (SB-3)."""

import re
from typing import Any

import jwt
import pytest
from playwright.sync_api import Page, expect

from tests.contract.daily_api import DailyApi, in_seconds, join
from tests.contract.daily_people import PHONE, People
from tests.contract.sandbox_program import SandboxProgram

REFUSE_DEVICES = (
    "navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{}'); }};"
)


@pytest.fixture
def url(daily: DailyApi) -> str:
    """A room as the product makes it."""
    room = daily.room(privacy="private", max_participants=2, enable_chat=True, exp=in_seconds(3600))
    address: str = room["url"]
    return address


def is_refused(page: Page, address: str, *, status: int, heading: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status
    assert answer.headers["referrer-policy"] == "no-referrer"
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator("#join")).to_have_count(0)


def test_who_may_not_enter_is_told_why(daily: DailyApi, url: str, person: People) -> None:
    """CA-3: foreign, forged, expired and missing tokens, unknown and expired rooms have a page each."""
    page = person().page
    foreign, forged = daily.token(room_name="other"), jwt.encode({"r": "hello"}, "x" * 40)
    is_refused(page, url, status=401, heading="This room is private")
    is_refused(page, f"{url}?t={foreign}", status=403, heading="This link belongs to another room")
    is_refused(page, f"{url}?t={forged}", status=403, heading="This link is not valid")
    is_refused(page, url + "-not", status=404, heading="This room does not exist")


def test_expired(daily: DailyApi, daily_sandbox: SandboxProgram, url: str, person: People) -> None:
    """CA-3: a token, later the room."""
    page, token = person().page, daily.token(room_name="hello", exp=in_seconds(60))
    daily_sandbox.control("POST", "clock", {"advance": 120})
    is_refused(page, f"{url}?t={token}", status=403, heading="Your access has expired")
    daily_sandbox.control("POST", "clock", {"advance": 4000})
    is_refused(page, f"{url}?t={token}", status=410, heading="This room is closed")


def test_early_people_are_let_in_in_time(daily: DailyApi, url: str, person: People) -> None:
    """CA-3: nbf of the token and of the room; the page opens by itself."""
    early = daily.room("early", nbf=in_seconds(7200))
    page = person(timezone_id="Europe/Paris").page
    is_refused(page, early["url"], status=403, heading="This room is not open yet")
    expect(page.locator(".opens")).to_contain_text(re.compile(r"Opens at .*\d:\d\d"))
    token = daily.token(room_name="hello", nbf=in_seconds(4))
    is_refused(page, f"{url}?t={token}", status=403, heading="You are a little early")
    expect(page.locator("#join")).to_be_visible()


def test_public_rooms_ask_for_a_name(daily: DailyApi, person: People) -> None:
    """SB-3: the name of the token wins, without one it is asked for."""
    ada = person().open(daily.room("open")["url"])
    ada.page.click("#join")
    expect(ada.page.locator("#name")).to_be_focused()
    ada.page.keyboard.type("Ada")
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#call")).to_be_visible()
    assert daily.presence("open")[0]["userName"] == "Ada"


def test_the_token_sets_name_and_start(daily: DailyApi, url: str, person: People) -> None:
    """CA-3: the identity comes from the token; start_audio_off and start_video_off are kept."""
    token = daily.token(room_name="hello", user_name="Léo", start_audio_off=True, start_video_off=True)
    leo = person().open(url, token)
    expect(leo.page.locator("#name")).to_have_count(0)
    expect(leo.page.get_by_text("You join as Léo")).to_be_visible()
    leo.join()
    expect(leo.page.get_by_role("button", name="Turn on microphone")).to_be_visible()
    expect(leo.page.get_by_role("button", name="Turn on camera")).to_be_visible()


def test_languages(daily: DailyApi, url: str, person: People) -> None:
    """SB-3: the token's language, then the address, then the browser's."""
    plain, french = daily.token(room_name="hello"), daily.token(room_name="hello", lang="fr")
    one = person(locale="fr-FR")
    expect(one.open(url, plain).page.get_by_role("button", name="Rejoindre l’appel")).to_be_visible()
    expect(one.page.locator("html")).to_have_attribute("lang", "fr")
    expect(one.open(url, plain, lang="en").page.locator("#join")).to_have_text("Join the call")
    expect(one.open(url, french, lang="en").page.locator("#join")).to_have_text("Rejoindre l’appel")
    expect(one.open(url, "broken").page.get_by_role("heading")).to_have_text("Ce lien n’est pas valable")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "Your browser blocks the camera and microphone"),
        ("NotFoundError", "No camera or microphone was found"),
        ("NotReadableError", "Another program is using"),
    ],
)
def test_devices_that_fail_are_explained(
    daily: DailyApi, url: str, person: People, error: str, words: str
) -> None:
    """SB-3, CA-4: what to do is said, and one can still come in and see the other."""
    ada = person().open(url, daily.token(room_name="hello", user_name="Ada")).join()
    leo = person()
    leo.page.add_init_script(REFUSE_DEVICES.format(error))
    leo.open(url, daily.token(room_name="hello", user_name="Léo"))
    expect(leo.page.get_by_role("alert")).to_contain_text(words)
    expect(leo.page.get_by_role("button", name="Try again")).to_be_visible()
    leo.join()
    leo.sees_moving_pictures()
    expect(ada.page.locator("#tiles .person")).to_have_attribute("data-camera", "off")


def test_in_a_frame_of_another_site(
    daily: DailyApi, daily_sandbox: SandboxProgram, url: str, person: People
) -> None:
    """CA-1: the call page of the product embeds the room."""
    ada = person().open(url, daily.token(room_name="hello", user_name="Ada")).join()
    host = person()
    host.page.goto(daily_sandbox.url.replace("127.0.0.1", "localhost"))
    token = daily.token(room_name="hello", user_name="Léo")
    host.page.evaluate(
        """address => {
            const frame = document.createElement("iframe");
            frame.allow = "camera; microphone; display-capture; autoplay";
            frame.src = address;
            document.body.append(frame);
        }""",
        f"{url}?t={token}",
    )
    frame = host.page.frame_locator("iframe")
    frame.locator("#join").click()
    expect(frame.locator("#tiles .person")).to_have_attribute("data-connected", "true")
    ada.sees_moving_pictures()


@pytest.mark.parametrize("options", [PHONE, {"viewport": {"width": 320, "height": 568}}])
def test_on_a_phone(
    daily: DailyApi, daily_sandbox: SandboxProgram, url: str, person: People, options: dict[str, Any]
) -> None:
    """CA-4: nothing is cut off, every button can be reached."""
    ada = person(**options).open(url, daily.token(room_name="hello", user_name="Ada"))
    fits = "() => document.documentElement.scrollWidth <= innerWidth"
    assert ada.page.evaluate(fits)
    ada.join()
    join(daily_sandbox, token=daily.token(room_name="hello", user_name="A name that is rather long for it"))
    assert ada.page.evaluate(fits)
    for button in ada.page.locator(".toolbar .control:visible").all():
        expect(button).to_be_in_viewport(ratio=1)
    assert ada.page.locator(".toolbar .control:visible").count() >= 5


def test_by_keyboard(daily: DailyApi, url: str, person: People) -> None:
    """CA-4: from the door to the end without a mouse."""
    page = person().open(url, daily.token(room_name="hello", user_name="Ada")).page
    expect(page.locator("#preview-microphone")).to_be_enabled()
    page.locator("#preview-microphone").focus()
    page.keyboard.press("Space")
    expect(page.locator("#preview-microphone")).to_have_attribute("data-on", "false")
    page.locator("#join").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#microphone")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Turn off microphone")).to_be_focused()
    page.locator("#leave").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You left the call")).to_be_focused()


def test_accessibility(daily: DailyApi, daily_sandbox: SandboxProgram, url: str, person: People) -> None:
    """SB-3, CA-4: axe finds nothing at the door, in the call, in the panels, after it, in the overview."""
    ada = person(**PHONE).open(url, daily.token(room_name="hello", user_name="Ada"))
    expect(ada.page.locator("#preview-video")).to_be_visible()
    assert ada.accessibility_problems() == []
    ada.join()
    assert ada.accessibility_problems() == []
    join(daily_sandbox, token=daily.token(room_name="hello", user_name="Léo"))
    ada.says("Hello")
    expect(ada.page.locator(".line-text")).to_have_text("Hello")
    assert ada.accessibility_problems() == []
    ada.page.keyboard.press("Escape")
    ada.page.click("#people")
    assert ada.accessibility_problems() == []
    ada.page.goto(daily_sandbox.url)
    expect(ada.page.get_by_text("Léo, since")).to_be_visible()
    assert ada.accessibility_problems() == []
    ada.page.goto(url)
    expect(ada.page.get_by_role("heading", name="This room is private")).to_be_visible()
    assert ada.accessibility_problems() == []


def test_the_overview_takes_people_out(
    daily: DailyApi, daily_sandbox: SandboxProgram, person: People
) -> None:
    """SB-3: rooms, people, meetings, and a button for the control."""
    daily.room("open")
    join(daily_sandbox, "open", name="Robot")
    page = person().page
    page.goto(daily_sandbox.url)
    expect(page.locator(".card")).to_contain_text("Robot, since")
    page.get_by_role("button", name="Take out").click()
    expect(page.get_by_text("1 inside")).to_have_count(0)
    assert daily.presence("open") == []
