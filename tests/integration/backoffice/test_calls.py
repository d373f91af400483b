"""CA-9, AD-4: admins see calls, who is inside and what went wrong; move them; decide what became of them."""

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from callastar.audit.models import LogEntry
from callastar.audit.operations import SYSTEM
from callastar.bookings.models import Booking, Contest, Outcome
from callastar.calls.models import Call, CallEvent, Presence, Provider, Room, RoomState
from callastar.calls.operations.presence import note_session
from callastar.calls.operations.rooms import create_room
from callastar.core import clock
from callastar.payments.models import Refund, RefundCause
from callastar.payments.operations.refunds import request_refund
from tests import bookings
from tests.factories import make_creator, make_offer, make_user
from tests.integration.backoffice.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
SEEN = {"seen": "TECHNICAL", "left": "5000"}  # what the form was about


def a_call(starts_at: datetime, fan: str = "Noa Quill", creator: str = "Ada Bell") -> Call:
    """The call of a paid booking, with a room that is not made yet."""
    star = make_creator(user=make_user(name=creator, role="CREATOR"))
    booking = bookings.confirmed(make_offer(creator=star, starts_at=starts_at), make_user(name=fan))
    assert booking.call is not None
    return Call.objects.select_related("room").get(pk=booking.call_id)


def ready(call: Call) -> Call:
    """The call with a room that is there, as Daily would have made it."""
    Room.objects.filter(pk=call.room_id).update(
        state=RoomState.READY, url=f"https://x.daily.co/{call.room.name}"
    )
    return Call.objects.select_related("room").get(pk=call.pk)


def main_of(page: str) -> str:
    return page.split('id="main"')[1].split("</main>")[0]


class TestLists:
    """What admins look after."""

    def test_each_filter_shows_its_calls(self, office, settings):
        """CA-9: today's, those in progress, those without a room, those with problems."""
        now = clock.now()
        going_on = ready(a_call(now + 5 * MINUTE, "Fan Goes"))
        roomless = a_call(now + timedelta(days=3), "Fan Roomless")
        fine = ready(a_call(now + timedelta(days=4), "Fan Fine"))
        CallEvent.objects.create(call=fine, room=fine.room, kind="POOR_CONNECTION", at=now)
        note_session(room=going_on.room, session="1", person_id=going_on.fan_id, joined_at=now)
        Call.objects.filter(pk=roomless.pk).update(title="Roomless")

        def shown(which: str) -> set[str]:
            page = main_of(office.page("calls/call/", **({"which": which} if which else {})))
            return {name for name in ("Goes", "Roomless", "Fine") if f"Fan {name}" in page}

        assert shown("") == {"Goes", "Roomless", "Fine"}
        assert shown("now") == {"Goes"}
        assert shown("roomless") == {"Roomless"}
        assert shown("problems") == {"Fine"}
        assert shown("today") <= {"Goes"}
        page = main_of(office.page("calls/call/", q=going_on.room.name))
        assert "Fan Goes" in page
        assert "Fan Fine" not in page
        row = page.split("<tbody>")[1]
        assert row.count("Fan Goes") == 2, "as the fan, and as the one who is inside"
        assert 'data-status="READY"' in row

    def test_the_number_of_queries_does_not_grow(self, office):
        """UI-8."""

        def queries(place: str) -> int:
            office.page(place)  # what only the first request asks
            with CaptureQueriesContext(connection) as found:
                office.page(place)
            return len(found)

        a_call(clock.now() + timedelta(days=1))
        first = queries("calls/call/")
        for day in (2, 3, 4):
            ready(a_call(clock.now() + timedelta(days=day)))
        assert queries("calls/call/") == first

    def test_the_front_page_counts_them(self, office):
        """AD-1: what waits."""
        ready(a_call(clock.now() + 5 * MINUTE))
        a_call(clock.now() + timedelta(days=1))
        page = main_of(office.page(""))
        for label in ("Outcomes to decide", "Calls in progress", "Coming calls without a room"):
            assert label in page


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_page_of_a_call_has_its_log(office, step, locale):
    """CA-6, CA-9: rooms, sessions with who they were, problems, and how long both were there."""
    now = clock.now()
    call = ready(a_call(now + 5 * MINUTE))
    note_session(room=call.room, session="1", person_id=call.fan_id, joined_at=now, left_at=now + 2 * MINUTE)
    note_session(room=call.room, session="2", person_id=call.creator_user_id, joined_at=now)
    CallEvent.objects.create(
        call=call,
        room=call.room,
        kind="DEVICE_PROBLEM",
        person_id=call.fan_id,
        at=now,
        details={"what": "mic"},
    )
    answer = office.client.get(office.address(step(call), locale))
    assert answer.status_code == 200
    page = main_of(answer.content.decode())
    for said in ("Noa Quill", "Ada Bell", call.room.name, "what: mic", 'data-status="READY"'):
        assert said in page, said
    assert "object at 0x" not in page
    assert "functools" not in page
    assert f"/{locale}/bookings/{Booking.objects.get(call=call).pk}" in page


def test_looking_asks_and_changes_nothing(office, step, monkeypatch):
    """CA-6: pages show what is known; who was lost is noticed, and Daily asked, by those whose task it is."""
    now = clock.now()
    call = ready(a_call(now + 5 * MINUTE))
    booking = Booking.objects.get(call=call)
    Room.objects.filter(pk=call.room_id).update(ready_at=now, provider=Provider.BUILT_IN)
    long_ago = now - 10 * MINUTE
    session = note_session(room=call.room, session="1", person_id=call.fan_id, joined_at=long_ago)
    Presence.objects.filter(pk=session.pk).update(seen_at=long_ago)
    Call.objects.filter(pk=call.pk).update(ends_at=now - 16 * MINUTE, starts_at=now - 46 * MINUTE)
    Room.objects.create(
        call=call,
        name="callastar-x",
        url="https://x.daily.co/callastar-x",
        state=RoomState.READY,
        ready_at=now,
    )
    Booking.objects.filter(pk=booking.pk).update(status="COMPLETED", completed_at=now)
    asked = []
    monkeypatch.setattr("callastar.providers.daily.client._client", lambda *given: asked.append(given))
    before = list(Call.objects.values()), list(Presence.objects.values()), list(CallEvent.objects.values())
    for place in (step(call), step(booking), step(booking, "decide")):
        assert "Time in the room" in main_of(office.page(place))
    assert asked == []
    after = list(Call.objects.values()), list(Presence.objects.values()), list(CallEvent.objects.values())
    assert after == before


RUBBISH = (
    "outcome=zzz&p=-1&date=rubbish",
    "p=99999999999999999999",
    "p=x&o=x.y",
    "o=99.-99",
    "which=%00&decision=%00",
    "q=%00&which=now",
    "outcome__exact=zzz%00",
    "completed_at__gte=rubbish",
    "completed_at__gte=%00&starts_at__gte=%00",
    "starts_at__lt=99999-99-99",
    "id__exact=x",
    "pk=%00",
    "nothing__like__this=1",
    "e=1&_facets=x&all=",
)


@pytest.mark.parametrize("place", ["calls/call/", "bookings/booking/"])
def test_rubbish_in_the_address_of_a_list_is_no_failure(office, place):
    """AP-3 for pages: the list, or the way back to it."""
    for query in RUBBISH:
        answer = office.client.get(f"{office.address(place)}?{query}")
        assert answer.status_code in {200, 302}, (query, answer.status_code)


class TestAnotherRoom:
    """Asked, done once, in the system log with before and after."""

    def test_move_to_a_built_in_room(self, office, admin, step):
        """CA-9: it is ready at once; the old one is given up."""
        call = ready(a_call(clock.now() + 5 * MINUTE))
        note_session(room=call.room, session="1", person_id=call.fan_id, joined_at=clock.now())
        page = main_of(office.page(step(call, "move")))
        assert "they have to join again" in page
        assert "Noa Quill" in page
        answer = office.post(step(call, "move"), seen=str(call.room_id))
        assert office.said(answer) == ["The call has a built-in room now."]
        new = Call.objects.select_related("room").get(pk=call.pk).room
        assert (new.provider, new.state) == (Provider.BUILT_IN, RoomState.READY)
        assert Room.objects.get(pk=call.room_id).unwanted_at is not None
        entry = LogEntry.objects.get(type="ROOM_REPLACED")
        assert (entry.actor_kind, entry.actor_id) == ("ADMIN", admin.pk)
        assert entry.metadata["before"] == f"daily READY {call.room.name}"
        assert entry.metadata["after"].startswith("builtin WANTED callastar-")
        assert "Move to a built-in room" not in main_of(office.page(step(call)))

    def test_make_it_again(self, office, step, at_daily):
        """CA-9: at the same provider, under a new name; a second click changes nothing."""
        call = a_call(clock.now() + 5 * MINUTE)
        create_room(room_id=call.room_id, now=clock.now())
        fields = {"seen": str(call.room_id)}
        answer = office.post(step(call, "remake"), **fields)
        assert office.said(answer) == ["Another room is being made."]
        again = office.post(step(call, "remake"), **fields)
        assert "changed since the page was shown" in office.said(again)[0]
        new = Call.objects.select_related("room").get(pk=call.pk).room
        assert (new.provider, new.state, Room.objects.count()) == (Provider.DAILY, RoomState.WANTED, 2)
        assert new.name != call.room.name
        assert create_room(room_id=new.pk, now=clock.now()).state == RoomState.READY

    @pytest.mark.parametrize("what", ["move", "remake"])
    def test_not_for_a_call_that_is_over_or_cancelled(self, office, step, what):
        """CA-9: nothing changes."""
        call = a_call(clock.now() + 5 * MINUTE)
        for changes in (
            {"cancelled_at": clock.now()},
            {"cancelled_at": None, "ends_at": clock.now() - 16 * MINUTE},
        ):
            Call.objects.filter(pk=call.pk).update(**changes)
            assert office.get(step(call, what)).status_code == 302
            answer = office.post(step(call, what), seen=str(call.room_id))
            assert office.said(answer) == ["This call is over."]
            assert "again…" not in main_of(office.page(step(call)))
        assert Room.objects.count() == 1
        assert not LogEntry.objects.filter(type="ROOM_REPLACED").exists()

    def test_support_enters_by_the_page_of_the_call(self, office, step):
        """CA-3: while its doors are open."""
        call = ready(a_call(clock.now() + 5 * MINUTE))
        booking = Booking.objects.get(call=call)
        assert f'href="/en/call/{booking.pk}"' in office.page(step(call))
        Call.objects.filter(pk=call.pk).update(starts_at=clock.now() + timedelta(hours=1))
        assert f'href="/en/call/{booking.pk}"' not in office.page(step(call))

    def test_support_does_not_enter_a_built_in_room(self, office, step):
        """CA-2, CA-3: it has no place for them; the page says why."""
        call = ready(a_call(clock.now() + 5 * MINUTE))
        booking = Booking.objects.get(call=call)
        assert "which our team cannot enter" not in main_of(office.page(step(call)))
        Room.objects.update(provider=Provider.BUILT_IN)
        page = main_of(office.page(step(call)))
        assert f'href="/en/call/{booking.pk}"' not in page
        assert "which our team cannot enter" in page
        Call.objects.update(ends_at=clock.now() - 16 * MINUTE)
        assert "which our team cannot enter" not in main_of(office.page(step(call)))

    def test_nobody_else(self, step):
        """PE-1."""
        call = a_call(clock.now() + 5 * MINUTE)
        for person in (make_user(), make_creator().user):
            client = signed_in(person)
            for what in ("change", "move", "remake"):
                assert client.get(f"/en/dashboard/admin/{step(call, what)}").status_code == 404
            url = f"/en/dashboard/admin/{step(call, 'move')}"
            assert client.post(url, {"seen": str(call.room_id)}).status_code == 404
        assert Room.objects.count() == 1


class TestOutcomes:
    """BK-9: what waits for a decision, and the decision."""

    @pytest.fixture
    def booking(self) -> Booking:
        """Over, and the log cannot tell."""
        found = bookings.completed(make_offer(creator=make_creator()), make_user(name="Noa Quill"))
        return self.judged(found, Outcome.TECHNICAL)

    @staticmethod
    def judged(booking: Booking, outcome: Outcome) -> Booking:
        Booking.objects.filter(pk=booking.pk).update(
            outcome=outcome, outcome_at=clock.now(), outcome_final_at=None, outcome_by=None
        )
        return Booking.objects.get(pk=booking.pk)

    def test_the_list_has_what_waits(self, office, booking):
        """CA-6: technical, unknown and contested ones; the others when asked for."""
        held = self.judged(bookings.completed(make_offer(), make_user(name="Fan Held")), Outcome.HELD)
        unknown = bookings.completed(make_offer(), make_user(name="Fan Unknown"))
        self.judged(unknown, Outcome.UNKNOWN)
        page = main_of(office.page("bookings/booking/"))
        assert "Noa Quill" in page
        assert "Fan Unknown" in page
        assert "Fan Held" not in page
        assert "Fan Held" in main_of(office.page("bookings/booking/", decision="all"))
        Contest.objects.create(
            booking=held,
            person=held.fan,
            contested_outcome=Outcome.HELD,
            text="Nobody was there",
            created_at=clock.now(),
        )
        assert "Fan Held" in main_of(office.page("bookings/booking/"))
        page = main_of(office.page("bookings/booking/", decision="contested"))
        assert "Fan Held" in page
        assert "Noa Quill" not in page

    def test_a_decision_is_shown_then_confirmed(self, office, admin, booking, step):
        """BK-9, CA-6: outcome, refund and reason, final, logged with before and after."""
        page = main_of(office.page(step(booking, "decide")))
        assert 'value="50.00"' in page
        fields = {
            "outcome": Outcome.CREATOR_NO_SHOW,
            "refund": "20.00",
            "reason": "The camera was broken",
            "seen": Outcome.TECHNICAL,
            "left": "5000",
        }
        asked = office.post(step(booking, "decide"), **fields)
        text = asked.content.decode()
        assert "Decide like this?" in text
        assert "€20.00" in text
        assert Booking.objects.get(pk=booking.pk).outcome_final_at is None
        answer = office.post(step(booking, "decide"), **fields, confirmed="yes")
        assert office.said(answer) == ["The outcome is decided; fan and creator have been told."]
        decided = Booking.objects.get(pk=booking.pk)
        assert (decided.outcome, decided.outcome_by) == (Outcome.CREATOR_NO_SHOW, admin.pk)
        assert decided.outcome_final_at is not None
        assert Refund.objects.get().amount == 2000
        entry = LogEntry.objects.get(type="OUTCOME_DECIDED")
        assert (entry.metadata["before"], entry.metadata["after"]) == ("TECHNICAL", "CREATOR_NO_SHOW")
        again = office.post(step(booking, "decide"), **{**fields, "seen": decided.outcome}, confirmed="yes")
        assert office.said(again)
        assert Refund.objects.count() == 1
        assert "Decide the outcome" not in main_of(office.page(step(decided)))

    def test_nothing_may_go_back(self, office, booking, step):
        """CA-6: zero is an amount."""
        fields = {"outcome": Outcome.HELD, "refund": "0", "reason": "Both were there", **SEEN}
        office.post(step(booking, "decide"), **fields, confirmed="yes")
        assert Booking.objects.get(pk=booking.pk).outcome == Outcome.HELD
        assert not Refund.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"refund": "50.01"},
            {"refund": "-1"},
            {"reason": " "},
            {"reason": "a\x00b"},
            {"outcome": "UNKNOWN"},
            {"seen": "HELD"},
            {"seen": "TECHNICAL\x00"},
            {"left": "4999"},
            {"left": ""},
        ],
    )
    def test_what_is_refused_changes_nothing(self, office, booking, step, wrong):
        """BK-9: too much, no reason, no answer, or about something else than was shown."""
        fields = {"outcome": Outcome.HELD, "refund": "0", "reason": "Because", **SEEN, **wrong}
        answer = office.post(step(booking, "decide"), **fields, confirmed="yes")
        assert answer.status_code == 200
        assert "decided; fan" not in " ".join(office.said(answer))
        assert Booking.objects.get(pk=booking.pk).outcome == Outcome.TECHNICAL
        assert not Refund.objects.exists()
        assert not LogEntry.objects.filter(type="OUTCOME_DECIDED").exists()

    def test_money_that_went_back_meanwhile_is_not_decided_about_unseen(self, office, booking, step):
        """BK-9: an automatic refund between the form and its confirmation: look again, nothing has changed."""
        shown = office.get(step(booking, "decide")).context["form"].initial
        assert (shown["seen"], shown["left"]) == ("TECHNICAL", 5000)
        due_at = clock.now()
        Booking.objects.filter(pk=booking.pk).update(refund_due_at=due_at)
        with transaction.atomic():
            request_refund(
                payment=booking.payment,
                amount=5000,
                cause=RefundCause.OUTCOME,
                actor=SYSTEM,
                reason="by itself",
            )
        fields = {"outcome": Outcome.HELD, "refund": "0", "reason": "Both were there", **SEEN}
        answer = office.post(step(booking, "decide"), **fields, confirmed="yes")
        assert office.said(answer) == [
            "This has changed since the page was shown. Please look again before you decide."
        ]
        after = Booking.objects.get(pk=booking.pk)
        assert (after.outcome, after.outcome_final_at, after.refund_due_at) == ("TECHNICAL", None, due_at)
        assert Refund.objects.count() == 1
        assert not LogEntry.objects.filter(type="OUTCOME_DECIDED").exists()
        office.post(step(booking, "decide"), **{**fields, "left": "0"}, confirmed="yes")
        assert Booking.objects.get(pk=booking.pk).outcome == Outcome.HELD

    def test_the_page_of_its_call_leads_there(self, office, booking, step):
        """CA-9: the mail to admins leads to the call."""
        page = office.page(step(booking.call))
        assert office.address(step(booking, "decide")) in page
        assert office.address(step(booking.call)) in office.page(step(booking))
