"""Two people agree on the page that their call is recorded, see that it runs, and stop it (CA-8)."""

from collections.abc import Callable

from django.db import transaction
from playwright.sync_api import Locator, Page, expect

from callastar.bookings.models import Booking
from callastar.calls.models import Recording, RecordingState, Room
from callastar.calls.operations.presence import note_session
from callastar.calls.operations.recording import start_recording
from callastar.calls.operations.rooms import create_room
from callastar.core import clock
from tests.contract.daily_api import DailyApi, join, wait_until
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer, make_user
from tests.journeys.test_booking_journey import confirmed_soon
from tests.stripe_people import make_onboarded_creator

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}


def part(page: Page) -> Locator:
    """What the page says of recording before the call."""
    return page.locator("[data-call-part=before] [data-recording]")


def shows(page: Page, stage: str, text: str) -> None:
    """Wait until the page says this, and nothing else."""
    said = part(page).locator("p[data-recording-when]:visible")
    expect(said).to_have_attribute("data-recording-when", stage)
    expect(said).to_contain_text(text)


def test_agreed_started_and_stopped(
    visit: Visit,
    axe: Callable[[Page], list[str]],
    settings,
    at_stripe: SandboxProgram,
    at_daily: SandboxProgram,
) -> None:
    """CA-8: each sees at once what the other one decided, in words; also on a phone and with the keyboard."""
    settings.RECORDING_ENABLED = True
    star = make_user(name="Léa Martin", role="CREATOR")
    offer = make_offer(creator=make_onboarded_creator(at_stripe, user=star, slug="lea"))
    booking = confirmed_soon(offer, make_user(name="Noa Quill"))
    room = create_room(room_id=booking.call.room_id, now=clock.now())
    path = f"/en/call/{booking.pk}"
    of_fan, of_star = visit(path, booking.fan), visit(path, star, **PHONE)
    for page in (of_fan, of_star):
        shows(page, "nobody", "only if you both agree")
    of_fan.get_by_role("switch").focus()
    of_fan.keyboard.press("Space")
    shows(of_fan, "mine", "Waiting for Léa Martin")
    shows(of_star, "theirs", "Noa Quill would like")
    of_star.get_by_role("switch").click()
    for page in (of_fan, of_star):
        shows(page, "both", "You both agree")
    go_in(booking, room, at_daily)
    for page in (of_fan, of_star):
        shows(page, "running", "this call is being recorded")
        assert axe(page) == []
    assert of_star.evaluate("document.documentElement.scrollWidth <= innerWidth")
    of_star.get_by_role("button", name="Stop the recording").click()
    shows(of_fan, "mine", "Waiting for Léa Martin")
    expect(part(of_star).get_by_role("switch")).not_to_be_checked()
    wait_until(lambda: Recording.objects.get().state != RecordingState.RUNNING)


def go_in(booking: Booking, room: Room, sandbox: SandboxProgram) -> None:
    """Both are in the room, and the recording starts."""
    daily = DailyApi(sandbox)
    for person in (booking.fan, booking.creator.user):
        token = daily.token(room_name=room.name, user_id=str(person.pk), user_name=person.name)
        session = join(sandbox, room=room.name, token=token)["session_id"]
        with transaction.atomic():
            note_session(room=room, session=session, person_id=person.pk, joined_at=clock.now())
    start_recording(call_id=booking.call_id, now=clock.now())  # the worker's job may be a moment later
