"""The mails about what became of a call: who gets which, once, with the right money, in their language (EM-5, BK-9)."""

from datetime import timedelta

import pytest
from django.db import transaction

from callastar.bookings import outcome_telling
from callastar.bookings.models import Booking, Outcome
from callastar.bookings.operations import contest as contesting
from callastar.bookings.operations.complete import SETTLES
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.operations.decide import decide_outcome
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.core import formats
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.rendering import render
from callastar.payments.models import Dispute, Refund, RefundCause
from tests import bookings
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.outcomes import call_over

pytestmark = pytest.mark.django_db
HOUR, CONTEST = timedelta(hours=1), timedelta(hours=72)
SAID = "We could not hear each other at all."
FAN_ALONE, CREATOR_ALONE = {"fan": [(0, 900)]}, {"creator": [(0, 900)]}
TOGETHER = {"fan": [(0, 300)], "creator": [(0, 300)]}
NOT_TOGETHER = {"fan": [(0, 30)], "creator": [(40, 400)]}
BACK = "€100.00"


@pytest.fixture
def fan(db):
    """Reads English, in New York."""
    return make_user(name="Anne", locale="en", timezone="America/New_York")


@pytest.fixture
def zoe(db):
    """The creator; reads French, in Paris."""
    return make_user(name="Zoe", role="CREATOR", locale="fr")


@pytest.fixture
def over(zoe, fan):
    """Makes a booking of 100.00 whose call has just ended and was judged."""
    creator = make_creator(user=zoe)

    def make(**there) -> Booking:
        booking = call_over(bookings.confirmed(make_offer(creator=creator, price=10000), fan), **there)
        judge(booking)
        booking.refresh_from_db()
        return booking

    return make


def judge(booking) -> None:
    assert judge_calls(now=booking.ends_at + SETTLES)["failed"] == 0


def mails_to(person) -> list[EmailLog]:
    """Those about outcomes, in the order in which they were written."""
    mine = EmailLog.objects.filter(recipient=person, template__in=("outcome_fan", "outcome_creator"))
    return list(mine.order_by("created_at", "pk"))


def news_to(person) -> list[str]:
    return [mail.context["what"] for mail in mails_to(person)]


def last_to(person) -> str:
    """What the newest one says."""
    mail = mails_to(person)[-1]
    render(mail, now=mail.created_at)
    return f"{mail.subject}\n{mail.text}"


def told(moment, person) -> str:
    return formats.datetime_text(moment, person.zone, person.locale, named=True)


def kept(booking, given_back=0) -> str:
    """What stays the creator's, as they read it: their share of what was not given back."""
    share = booking.payment.creator_amount * (10000 - given_back) // 10000
    return f"{share // 100},{share % 100:02}\u00a0€"


def contest(booking, person, *, after=HOUR):
    at = booking.completed_at + after
    return contest_outcome(booking_id=booking.pk, person=person, text=SAID, now=at)


def decide(booking, *, outcome=Outcome.HELD, refund=0, after=2 * HOUR):
    given = {"outcome": outcome, "refund": refund, "reason": "We have <seen> the records."}
    return decide_outcome(
        booking_id=booking.pk, admin=make_admin(), now=booking.completed_at + after, **given
    )


@pytest.mark.parametrize(
    ("there", "news", "to_fan", "to_creator"),
    [
        (TOGETHER, None, [], []),
        (
            CREATOR_ALONE,
            ("missed", "stood_up"),
            ["You were not at your call with Zoe", "the call is paid, and nothing goes back"],
            ["Anne n’était pas à votre appel", "l’appel vous est payé malgré tout, et {share}"],
        ),
        (
            FAN_ALONE,
            ("stood_up", "missed"),
            ["Zoe did not come to your call", f"You get your money back: {BACK}."],
            ["Vous n’étiez pas à votre appel avec Anne", "100,00\u00a0€ sont remboursés à votre fan"],
        ),
        (
            {},
            ("nobody_came", "nobody_came"),
            ["Nobody came to your call with Zoe", f"You get your money back: {BACK}."],
            ["Personne n’est venu", "Cet appel ne vous rapporte rien."],
        ),
        (
            NOT_TOGETHER,
            ("technical", "technical"),
            ["did not work out", f"If nothing is decided by {{due}}, you get your money back: {BACK}."],
            ["n’a pas abouti", "Sans décision avant le {due}, 100,00\u00a0€ seront remboursés à votre fan."],
        ),
    ],
)
def test_both_read_what_it_means_for_them(over, fan, zoe, there, news, to_fan, to_creator):
    """EM-3, EM-5, BK-9: in their language and zone, until when they can object and where; once; not of a held call."""
    booking = over(**there)
    for person, which, words in ((fan, 0, to_fan), (zoe, 1, to_creator)):
        assert news_to(person) == ([news[which]] if news else [])
        if not news:
            continue
        text, due = last_to(person), booking.refund_due_at
        facts = {"share": kept(booking), "due": due and told(due, person)}
        for word in words:
            assert word.format(**facts) in text
        assert told(booking.completed_at + CONTEST, person) in text
        assert f"/{person.locale}/bookings/{booking.pk}/contest" in text
    written = EmailLog.objects.count()
    judge(booking)
    assert EmailLog.objects.count() == written, "judged once"


def test_what_rolls_back_says_nothing(over, zoe, monkeypatch):
    """EM-1: written with what causes it, or not at all; written twice, it is one mail."""
    booking = over(**FAN_ALONE)
    before = EmailLog.objects.count()
    with transaction.atomic():
        outcome_telling.judged(booking=booking, payment=booking.payment, now=booking.completed_at)
    assert EmailLog.objects.count() == before
    seen = []

    def fail(**_given):
        seen.append(EmailLog.objects.count())
        raise RuntimeError

    monkeypatch.setattr(contesting, "publish_booking", fail)
    with pytest.raises(RuntimeError):
        contest(booking, zoe)
    assert seen > [before]
    assert EmailLog.objects.count() == before


def test_the_other_side_hears_of_an_objection(over, fan, zoe):
    """BK-9: what happens to the money without a decision, and that they can write as well, once each."""
    booking = over(**FAN_ALONE)
    contest(booking, zoe)
    booking.refresh_from_db()
    assert (news_to(fan), news_to(zoe)) == (["stood_up", "contested"], ["missed"])
    text = last_to(fan)
    assert f"If nothing is decided by {told(booking.refund_due_at, fan)}, you get your money back" in text
    assert "/contest" in text
    contest(booking, fan)
    assert news_to(zoe) == ["missed", "contested"]
    text = last_to(zoe)
    assert "Anne n’a pas le même souvenir" in text
    assert "/contest" not in text, "she has written already"
    assert SAID not in text, "what one writes to the team, the other does not read"


def test_an_objection_without_a_refund_holds_the_money(over, fan, zoe):
    """BK-9, PA-4: nothing goes back by itself, nothing is paid out."""
    contest(over(**TOGETHER), fan)
    assert (news_to(fan), news_to(zoe)) == ([], ["contested"])
    assert "Aucun argent ne bouge avant la décision de notre équipe." in last_to(zoe)


def test_an_objection_after_the_refund(over, fan, zoe):
    """BK-9: what has gone back is not announced again."""
    booking = over(**FAN_ALONE)
    assert refund_outcomes(now=booking.ends_at + HOUR)["done"] == 1
    contest(booking, zoe, after=2 * HOUR)
    assert "All of your money has been given back already." in last_to(fan)


@pytest.mark.parametrize(
    ("outcome", "refund", "to_fan", "to_creator"),
    [
        (
            Outcome.HELD,
            0,
            ["Nothing goes back", "Decision: The call took place.", "Refunded amount: No refund"],
            ["Décision\u00a0: L’appel a eu lieu.", "vous gardez {share}"],
        ),
        (
            Outcome.TECHNICAL,
            5000,
            ["You get €50.00 of your money back.", "Refunded amount: €50.00"],
            ["Rendu à votre fan\u00a0: 50,00\u00a0€", "vous gardez {share}"],
        ),
        (
            Outcome.CREATOR_NO_SHOW,
            10000,
            ["You get all of your money back.", "Decision: Zoe was not there."],
            ["Décision\u00a0: Vous n’étiez pas là.", "cet appel ne vous rapporte rien"],
        ),
    ],
)
def test_both_read_a_decision(over, fan, zoe, outcome, refund, to_fan, to_creator):
    """BK-9: what was decided, why, and the money; nobody can object to it; what had not left is not sent any more."""
    booking = over(**NOT_TOGETHER)
    contest(booking, fan)
    decide(booking, outcome=outcome, refund=refund)
    booking.refresh_from_db()
    assert (news_to(fan), news_to(zoe)) == (["technical", "decided"], ["technical", "contested", "decided"])
    for person, words in ((fan, to_fan), (zoe, to_creator)):
        text = last_to(person)
        for word in ("We have <seen> the records.", *words):
            assert word.format(share=kept(booking, refund)) in text
        assert "/contest" not in text
    unsent = EmailLog.objects.filter(template__startswith="outcome", status=EmailStatus.SKIPPED)
    assert set(unsent.values_list("skip_reason", flat=True)) == {"decided"}
    assert unsent.count() == 3 + EmailLog.objects.filter(template="outcome_to_decide_admin").count()
    waiting = EmailLog.objects.filter(template__startswith="outcome", status=EmailStatus.PENDING)
    assert {mail.context["what"] for mail in waiting} == {"decided"}


def test_what_went_back_before_is_counted(over, fan, zoe):
    """BK-9: a decision says what goes back in all, whoever gave it back."""
    booking = over(**CREATOR_ALONE)
    Refund.objects.create(payment=booking.payment, amount=2500, cause=RefundCause.ADMIN)
    decide(booking, outcome=Outcome.FAN_NO_SHOW, refund=2500)
    assert "Refunded amount: €50.00" in last_to(fan)
    assert kept(booking, 5000) in last_to(zoe)


def test_while_a_bank_decides_nothing_is_promised(over, fan, zoe):
    """BK-9: what the fan's bank has can neither go back nor be paid out."""
    booking = over(**TOGETHER)
    Dispute.objects.create(
        payment=booking.payment,
        opened_at=booking.completed_at,
        stripe_dispute_id="dp_1",
        amount=10000,
        share=1,
        status="needs_response",
    )
    contest(booking, fan)
    assert "La banque de votre fan examine ce paiement" in last_to(zoe)
    decide(booking)
    assert "Your bank is looking into this payment" in last_to(fan)
    assert "Refunded amount" not in last_to(fan)


def test_nothing_is_said_when_time_decides(over, fan, zoe):
    """BK-9: the refund that is made has its own mail, and what nobody contests was told before."""
    booking = over(**NOT_TOGETHER)
    before = EmailLog.objects.filter(template__startswith="outcome").count()
    for step in (refund_outcomes, end_contests) * 2:
        step(now=booking.ends_at + timedelta(days=30))
    assert EmailLog.objects.filter(template__startswith="outcome").count() == before
