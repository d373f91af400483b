"""What became of a call, what it means for the money, objecting and deciding (BK-9, CA-6, PA-4)."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, Contest, Outcome
from callastar.bookings.operations.complete import SETTLES, complete_calls
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.operations.decide import decide_outcome
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.payments.models import Dispute, Payment, PaymentStatus, Refund, RefundCause
from callastar.payments.releasing import is_released
from tests import bookings
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.outcomes import call_over

pytestmark = pytest.mark.django_db
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SAID = "She never came, I waited for half an hour."
TOGETHER = {"fan": [(0, 300)], "creator": [(0, 300)]}
FAN_ALONE = {"fan": [(0, 900)]}
CREATOR_ALONE = {"creator": [(0, 900)]}
MISSED = {"fan": [(0, 30)], "creator": [(40, 400)]}


@pytest.fixture(autouse=True)
def _seven_days(settings):
    settings.PAYOUT_HOLDING = timedelta(days=7)


@pytest.fixture
def admin(db):
    return make_admin()


@pytest.fixture
def fan(db):
    return make_user(name="Anne")


@pytest.fixture
def creator(db):
    return make_creator(user=make_user(name="Zoe", role="CREATOR"))


@pytest.fixture
def over(creator, fan):
    """Makes a booking whose call has just ended, is completed and not judged."""

    def make(*, ago: timedelta = SETTLES, **there) -> Booking:
        return fresh(call_over(bookings.confirmed(make_offer(creator=creator), fan), ago=ago, **there))

    return make


def fresh(booking) -> Booking:
    return Booking.objects.select_related("payment", "offer", "creator__user", "fan").get(pk=booking.pk)


def judged(booking, *, after: timedelta = SETTLES) -> Booking:
    assert judge_calls(now=booking.ends_at + after)["failed"] == 0
    return fresh(booking)


def run_everything(now) -> None:
    """As the job does it, twice at once."""
    for step in (complete_calls, refund_outcomes, end_contests, judge_calls) * 2:
        assert step(now=now)["failed"] == 0


def told(person) -> list[str]:
    mine = Notification.objects.filter(recipient=person, type="SYSTEM").order_by("created_at", "pk")
    return [row.params["variant"] for row in mine]


def everything(booking) -> list[object]:
    return [
        list(Booking.objects.filter(pk=booking.pk).values()),
        list(Payment.objects.filter(pk=booking.payment_id).values()),
        list(Contest.objects.values()),
        list(Refund.objects.values()),
        Notification.objects.count(),
        EmailLog.objects.count(),
        LogEntry.objects.count(),
    ]


def code_of(act, booking, **given) -> str:
    """The code of the refusal; whatever it is, nothing has changed."""
    before = everything(booking)
    with pytest.raises(Refusal) as refused:
        act(booking_id=booking.pk, **given)
    assert everything(booking) == before
    return str(refused.value.code)


def contest(booking, person, *, text=SAID, after=HOUR):
    return contest_outcome(booking_id=booking.pk, person=person, text=text, now=booking.completed_at + after)


def decide(booking, admin, *, outcome=Outcome.HELD, refund=0, reason="We have seen it.", after=2 * HOUR):
    return decide_outcome(
        booking_id=booking.pk,
        admin=admin,
        outcome=outcome,
        refund=refund,
        reason=reason,
        now=booking.completed_at + after,
    )


@pytest.mark.parametrize(
    ("there", "outcome", "earned", "refund_after"),
    [
        (TOGETHER, "HELD", True, None),
        (CREATOR_ALONE, "FAN_NO_SHOW", True, None),
        (FAN_ALONE, "CREATOR_NO_SHOW", False, HOUR),
        ({}, "NOBODY_CAME", False, HOUR),
        (MISSED, "TECHNICAL", False, SETTLES + 72 * HOUR),
    ],
)
def test_an_outcome_decides_about_the_money(over, admin, fan, creator, there, outcome, earned, refund_after):
    """BK-9, CA-6, PA-4: what may be paid out and what goes back, when; both sides are told, admins where they must."""
    booking = over(**there)
    assert (booking.status, booking.outcome, booking.payment.call_settled_at) == ("COMPLETED", "", None)
    booking = judged(booking)
    payment = booking.payment
    assert booking.outcome == outcome
    assert booking.refund_due_at == (refund_after and booking.ends_at + refund_after)
    assert (payment.call_settled_at is not None) is earned
    assert (payment.payout_release_date == booking.ends_at + timedelta(days=7)) is earned
    assert is_released(payment, booking.ends_at + timedelta(days=30)) is earned
    asked = ["outcome_to_decide_admin"] if outcome == "TECHNICAL" else []
    mails = EmailLog.objects.filter(template="outcome_to_decide_admin")
    assert list(mails.values_list("template", flat=True)) == asked
    assert told(admin) == (["outcome_admin_technical"] if asked else [])
    name = f"outcome_{outcome.lower()}"
    both = [name, name] if asked else [f"{name}_fan", f"{name}_creator"]
    assert told(fan) + told(creator.user) == ([] if outcome == "HELD" else both)

    before = everything(booking)
    judged(booking, after=2 * HOUR)
    assert everything(booking) == before, "judged once"


@pytest.mark.parametrize(("there", "due"), [(FAN_ALONE, HOUR), ({}, HOUR), (MISSED, SETTLES + 72 * HOUR)])
def test_the_fan_gets_everything_back_in_time(over, there, due):
    """BK-9, CA-6: once, in full, not a second earlier, whatever went back before."""
    booking = judged(over(**there))
    Refund.objects.create(payment=booking.payment, amount=1000, cause=RefundCause.ADMIN)
    run_everything(booking.ends_at + due - SECOND)
    assert not Refund.objects.filter(cause=RefundCause.OUTCOME).exists()
    run_everything(booking.ends_at + due)
    run_everything(booking.ends_at + due + HOUR)
    (refund,) = Refund.objects.filter(cause=RefundCause.OUTCOME)
    assert refund.amount == booking.payment.amount - 1000
    after = fresh(booking)
    assert after.refund_due_at is None
    assert (after.outcome_final_at is not None) is (booking.outcome == "TECHNICAL")
    assert after.payment.call_settled_at is None


@pytest.mark.parametrize("there", [TOGETHER, CREATOR_ALONE])
def test_what_was_earned_is_not_refunded_and_becomes_final(settings, over, there):
    """BK-9, PA-4: `HELD` and `FAN_NO_SHOW` refund nothing; the money may leave when nobody can object any more."""
    settings.PAYOUT_HOLDING = timedelta(0)
    booking = judged(over(**there))
    end = booking.completed_at + 72 * HOUR
    assert booking.payment.payout_release_date == end
    run_everything(end - SECOND)
    assert fresh(booking).outcome_final_at is None
    assert not is_released(fresh(booking).payment, end - SECOND)
    run_everything(end)
    assert fresh(booking).outcome_final_at == end
    assert is_released(fresh(booking).payment, end)
    assert not Refund.objects.exists()


def test_what_was_settled_before_there_were_outcomes_stays(over):
    """PA-4: its money is not held back, and nobody is asked about it."""
    booking = over()
    Payment.objects.filter(pk=booking.payment_id).update(call_settled_at=clock.now())
    before = everything(booking)
    run_everything(booking.ends_at + timedelta(days=30))
    assert everything(booking) == before


def test_a_bank_that_decides_is_waited_for(over):
    """BK-9: nothing can be given back while the fan's bank has the money; if it gives it back, it goes to the fan."""
    booking = judged(over())
    dispute = Dispute.objects.create(
        payment=booking.payment,
        opened_at=clock.now(),
        stripe_dispute_id="dp_1",
        amount=booking.payment.amount,
        share=1,
        status="needs_response",
    )
    Payment.objects.filter(pk=booking.payment_id).update(status=PaymentStatus.DISPUTED)
    run_everything(booking.ends_at + 2 * HOUR)
    assert fresh(booking).refund_due_at
    assert not Refund.objects.exists()
    dispute.status = "won"
    dispute.save()
    run_everything(booking.ends_at + 3 * HOUR)
    assert Refund.objects.get().amount == booking.payment.amount


@pytest.mark.parametrize("there", [TOGETHER, CREATOR_ALONE])
def test_contesting_holds_the_money_back(over, admin, fan, creator, there):
    """BK-9: no payout, no refund by itself and no end of it until an admin has decided; the other side is told."""
    booking = judged(over(**there))
    contest(booking, creator.user, after=30 * timedelta(minutes=1))
    assert told(fan)[-1] == "outcome_contested"
    assert told(admin)[-1] == "outcome_admin_contested"
    mail = EmailLog.objects.filter(template="outcome_to_decide_admin").latest("created_at")
    assert SAID in str(mail.context)
    run_everything(booking.ends_at + timedelta(days=30))
    after = fresh(booking)
    assert (after.outcome, after.outcome_final_at, after.refund_due_at) == (booking.outcome, None, None)
    assert not is_released(after.payment, booking.ends_at + timedelta(days=30))
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("there", "by", "later"),
    [
        (FAN_ALONE, "fan", None),
        (FAN_ALONE, "creator", 73 * HOUR),
        ({}, "fan", None),
        ({}, "creator", 73 * HOUR),
        (MISSED, "fan", None),
        (MISSED, "creator", None),
    ],
)
def test_what_is_contested_goes_back_if_nobody_decides(over, admin, fan, creator, there, by, later):
    """BK-9, CA-6: in full, to the second; a creator's objection gives admins 72 hours. It is answered all the same."""
    booking = judged(over(**there))
    contest(booking, fan if by == "fan" else creator.user)
    due = booking.completed_at + later if later else booking.refund_due_at
    assert fresh(booking).refund_due_at == due
    run_everything(due - SECOND)
    assert not Refund.objects.exists()
    run_everything(due)
    run_everything(due + 30 * 24 * HOUR)
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause) == (booking.payment.amount, RefundCause.OUTCOME)
    after = fresh(booking)
    assert (after.outcome_final_at, after.refund_due_at, after.payment.call_settled_at) == (None, None, None)
    assert Contest.objects.get().decided_at is None

    given = {"admin": admin, "outcome": Outcome.HELD, "reason": "We have seen it.", "now": clock.now()}
    assert code_of(decide_outcome, booking, refund=1, **given) == "refund_too_large"
    decide(booking, admin, after=40 * 24 * HOUR)
    assert fresh(booking).outcome == "HELD"
    assert Contest.objects.get().answer == "We have seen it."
    assert Refund.objects.count() == 1


def test_a_decision_comes_before_the_refund(over, admin, fan, creator):
    """BK-9: nothing goes back by itself once an admin has decided, whoever objected."""
    booking = judged(over(**MISSED))
    contest(booking, fan)
    contest(booking, creator.user)
    decide(booking, admin)
    run_everything(booking.ends_at + timedelta(days=30))
    assert not Refund.objects.exists()


def test_who_may_contest_and_when(over, admin, fan, creator):
    """BK-9: fan and creator, once each, for 72 hours, with some words; everybody else finds nothing."""
    booking = over(**TOGETHER)
    now = booking.completed_at
    assert code_of(contest_outcome, booking, person=fan, text=SAID, now=now) == "outcome_not_known"
    booking = judged(booking)
    for stranger in (make_user(), admin):
        given = {"person": stranger, "text": SAID, "now": now}
        assert code_of(contest_outcome, booking, **given) == "booking_not_found"
    for text in ("", "too short" + " " * 20, "x" * 2001):
        assert code_of(contest_outcome, booking, person=fan, text=text, now=now) == "contest_text"
    late = now + 72 * HOUR
    assert code_of(contest_outcome, booking, person=fan, text=SAID, now=late) == "contest_too_late"
    made = contest(booking, fan, text=f"  {'y' * 10}  ", after=72 * HOUR - SECOND)
    assert (made.text, made.contested_outcome) == ("y" * 10, "HELD")
    assert code_of(contest_outcome, booking, person=fan, text=SAID, now=now) == "already_contested"
    contest(booking, creator.user)
    decide(booking, admin)
    assert code_of(contest_outcome, booking, person=fan, text=SAID, now=now) == "outcome_decided"


def test_an_admin_decides(over, admin, fan, creator):
    """BK-9, CA-6: outcome and refund; contests are answered, both are told, the rest may be paid out in its time."""
    booking = judged(over(**FAN_ALONE))
    contest(booking, creator.user)
    after = decide(booking, admin, outcome=Outcome.TECHNICAL, refund=2000, reason=" Half of it each. ")
    after = fresh(after)
    decided_at = booking.completed_at + 2 * HOUR
    assert (after.outcome, after.outcome_by, after.outcome_final_at) == ("TECHNICAL", admin.pk, decided_at)
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause, refund.actor_id) == (2000, "OUTCOME", admin.pk)
    answered = Contest.objects.get()
    assert (answered.decided_at, answered.decided_by, answered.answer) == (
        decided_at,
        admin.pk,
        "Half of it each.",
    )
    assert after.payment.call_settled_at == decided_at
    assert after.payment.payout_release_date == booking.ends_at + timedelta(days=7)
    assert [told(one)[-1] for one in (fan, creator.user)] == ["outcome_decided"] * 2
    entry = LogEntry.objects.get(type="OUTCOME_DECIDED").metadata
    assert (entry["before"], entry["after"], entry["refund"]) == ("CREATOR_NO_SHOW", "TECHNICAL", 2000)
    run_everything(booking.ends_at + timedelta(days=30))
    assert Refund.objects.count() == 1, "nothing more goes back by itself"
    given = {"admin": admin, "outcome": Outcome.HELD, "refund": 1, "reason": "x", "now": clock.now()}
    assert code_of(decide_outcome, booking, **given) == "outcome_decided"


def test_what_has_changed_since_it_was_shown_is_not_decided(over, admin):
    """BK-9: another outcome, or another amount left to give back, than the admin saw: nothing changes."""
    booking = judged(over(**MISSED))
    amount = booking.payment.amount
    given = {"admin": admin, "outcome": Outcome.HELD, "refund": 0, "reason": "x", "now": clock.now()}
    saw = {"expected_outcome": booking.outcome, "expected_left": amount}
    for wrong in (
        {"expected_outcome": "HELD"},
        {"expected_outcome": ""},
        {"expected_left": 0},
        {"expected_left": amount - 1},
    ):
        assert code_of(decide_outcome, booking, **given, **{**saw, **wrong}) == "outcome_changed"
    decide_outcome(booking_id=booking.pk, **given, **saw)
    assert code_of(decide_outcome, booking, **given, **saw) == "outcome_decided"


def test_what_cannot_be_decided(over, admin):
    """BK-9, PA-4: without a reason, more than is left, while a bank decides, before the call is over."""
    booking = judged(over(**MISSED))
    given = {"admin": admin, "outcome": Outcome.HELD, "refund": 0, "reason": "x", "now": clock.now()}
    assert code_of(decide_outcome, booking, **{**given, "reason": "  "}) == "note_missing"
    amount = booking.payment.amount
    assert code_of(decide_outcome, booking, **{**given, "refund": amount + 1}) == "refund_too_large"
    Dispute.objects.create(
        payment=booking.payment,
        opened_at=clock.now(),
        stripe_dispute_id="dp_1",
        amount=1,
        share=1,
        status="under_review",
    )
    assert code_of(decide_outcome, booking, **{**given, "refund": 1}) == "payment_disputed"
    Booking.objects.filter(pk=booking.pk).update(status="CONFIRMED")
    assert code_of(decide_outcome, booking, **given) == "outcome_not_known"


def test_money_that_has_left_stays_decided_about(over, admin):
    """PA-4: a payment that is paid out, or given back already, is judged and decided about all the same."""
    booking = over(**TOGETHER)
    Payment.objects.filter(pk=booking.payment_id).update(
        payout_status="PAID", status=PaymentStatus.REFUNDED, refunded_amount=booking.payment.amount
    )
    Refund.objects.create(
        payment=booking.payment, amount=booking.payment.amount, cause=RefundCause.ADMIN, status="SUCCEEDED"
    )
    booking = judged(booking)
    decide(booking, admin, outcome=Outcome.NOBODY_CAME)
    run_everything(booking.ends_at + timedelta(days=30))
    assert Refund.objects.count() == 1


def test_the_api_tells_and_takes_objections(client, over, fan, creator):
    """BK-9, CA-6: who was there, until when one can object, and objecting, as the two people of the call."""
    booking = judged(over(**FAN_ALONE, ago=HOUR / 2))
    path = f"/api/bookings/{booking.pk}"
    client.force_login(creator.user)
    seen = client.get(path).json()
    assert (seen["outcome"], seen["outcome_final"]) == ("CREATOR_NO_SHOW", False)
    assert seen["contest_until"].startswith(f"{booking.completed_at + 72 * HOUR:%Y-%m-%dT%H:%M}")
    assert [(one["side"], bool(one["left_at"])) for one in seen["attendance"]] == [("fan", True)]
    send = {"content_type": "application/json"}
    for text in ("short", "  short     ", "nobody\0 was there", "half \ud83d of a character", "x" * 2001):
        wrong = client.post(f"{path}/contest", {"text": text}, **send)
        assert (wrong.status_code, wrong.json()["code"], list(wrong.json()["errors"])) == (
            422,
            "invalid",
            ["text"],
        )
    assert not Contest.objects.exists()
    assert client.post(f"{path}/contest", {"text": SAID}, **send).status_code == 200
    again = client.post(f"{path}/contest", {"text": SAID}, **send)
    assert (again.status_code, again.json()["code"]) == (409, "already_contested")
    client.force_login(make_user())
    assert client.post(f"{path}/contest", {"text": SAID}, **send).status_code == 404
    assert Contest.objects.count() == 1


def test_pages_show_the_evidence_and_take_an_objection(client, over, admin, fan, creator):
    """BK-9, CA-6: the same evidence for both, what it means for the money, the form in each of its states."""
    booking = judged(over(fan=[(0, 400), (500, 900.0)], ago=HOUR / 2))
    page, form = f"/en/bookings/{booking.pk}", f"/en/bookings/{booking.pk}/contest"
    client.force_login(fan)
    html = client.get(page).content.decode()
    for words in (
        "The creator did not come",
        "Anne came in",
        "connection 2",
        "You get everything back",
        form,
    ):
        assert words in html
    client.force_login(creator.user)
    html = client.get(page).content.decode()
    for words in ("Anne came in", "13\u00a0min\u00a020\u00a0s", "you earn nothing", form):
        assert words in html
    assert "What happened?" in client.get(form).content.decode()
    for text in ("short", "nobody\0 was there"):
        assert client.post(form, {"text": text}).status_code == 422
    assert client.post(form, {"text": SAID}).status_code == 302
    html = client.get(page).content.decode()
    assert SAID in html
    assert "Without a decision in time, everything goes back to the fan." in html
    assert "The refund is made on" in html
    assert "You have already told us" in client.get(form).content.decode()
    client.force_login(fan)
    html = client.get(page).content.decode()
    assert "Zoe does not agree" in html
    assert SAID not in html, "what one writes to the team, the other does not read"
    decide(booking, admin, reason="We have seen the records.")
    assert "has been decided" in client.get(form).content.decode()
    assert "We have seen the records." in client.get(page).content.decode()
    assert "badge" in client.get("/en/bookings?view=past").content.decode()
    for nobody in (make_user(), admin):
        client.force_login(nobody)
        assert client.get(form).status_code == 404


def test_nobody_contests_what_is_not_over(client, creator, fan):
    """BK-9: there is no such page."""
    booking = bookings.confirmed(make_offer(creator=creator), fan)
    client.force_login(fan)
    assert client.get(f"/en/bookings/{booking.pk}/contest").status_code == 404
    assert client.post(f"/en/bookings/{booking.pk}/contest", {"text": SAID}).status_code == 404
    assert not Contest.objects.exists()
