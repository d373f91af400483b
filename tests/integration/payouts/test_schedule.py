"""When payouts are made, in which currency, and what it costs to find out: PO-1, PO-2, PO-3."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callastar.accounts.models import User
from callastar.core import clock
from callastar.core.ids import new_id
from callastar.creators.models import Creator
from callastar.ledger.models import Account, Balance
from callastar.payments.models import Payment, PaymentStatus
from callastar.payouts.models import Frequency, Payout, PayoutPolicy, Weekday
from callastar.payouts.operations import plan
from callastar.payouts.operations.plan import run_due_payouts, run_policy
from callastar.payouts.operations.policy import PolicyChoice, choose_policy, policy_of
from callastar.payouts.queries import claims_of, standings
from tests.factories import make_creator, make_user
from tests.integration.payouts.payout_world import (
    SHARE,
    arrive,
    at_stripe_payouts,
    due,
    earned_calls,
    items,
    pay_out,
    run_schedule,
    set_policy,
)
from tests.money_world import assert_ledger_equals_stripe
from tests.stripe_people import make_onboarded_creator

pytestmark = pytest.mark.django_db(transaction=True)
NIGHTS = [  # the clocks of the zone change in the night before
    ("Europe/Paris", (2027, 3, 28), timedelta(hours=23)),
    ("Europe/Paris", (2026, 10, 25), timedelta(hours=25)),
    ("Europe/Zurich", (2027, 10, 31), timedelta(hours=25)),
    ("Europe/London", (2027, 3, 28), timedelta(hours=23)),
    ("America/New_York", (2027, 3, 14), timedelta(hours=23)),
    ("America/New_York", (2027, 11, 7), timedelta(hours=25)),
]


def next_of(creator) -> datetime | None:
    return PayoutPolicy.objects.get(pk=creator.pk).next_payout_at


def choose(creator, frequency, weekday=Weekday.MONDAY, *, paused=False, minimum=1000) -> None:
    choice = PolicyChoice(frequency=frequency, weekday=weekday, is_paused=paused, minimum=minimum)
    choose_policy(creator=creator, choice=choice, now=clock.now())


@pytest.mark.parametrize(("zone", "day", "night"), NIGHTS)
def test_at_six_of_the_creator_when_clocks_change(times, zone, day, night):
    """PO-3: the hourly job pays at 06:00 before and after, with no drift, and not a minute before."""
    creator = make_onboarded_creator(times.sandbox, user=make_user(role="CREATOR", timezone=zone))
    six = datetime(*day, 6, tzinfo=ZoneInfo(zone))
    while six < clock.now() + timedelta(days=7):
        six = six.replace(year=six.year + 28)  # the same weekdays, and the same rules
    before = six.astimezone(ZoneInfo("UTC")) - night
    call = earned_calls(times, creator, 10000)[0]
    times.go_to(before - timedelta(minutes=30))
    set_policy(creator, frequency=Frequency.DAILY, next_payout_at=None)
    choose(creator, Frequency.DAILY)
    assert next_of(creator) == before
    assert run_schedule() == []
    times.go_to(before)
    (payout,) = run_schedule()
    assert items(payout) == {call.payment_id: SHARE}
    assert next_of(creator) == six
    assert next_of(creator).astimezone(ZoneInfo(zone)).hour == 6
    times.go_to(six - timedelta(minutes=1))
    assert run_due_payouts(now=clock.now())["due"] == 0
    times.go_to(six)
    assert run_due_payouts(now=clock.now())["due"] == 1
    after = next_of(creator)
    assert (after.astimezone(ZoneInfo(zone)).hour, after - six) == (6, timedelta(days=1))


def test_the_usual_way_is_mondays(times, creator):
    """PO-1: who never chose is paid weekly, on Mondays at 06:00 of their own, from 10.00 on."""
    earned_calls(times, creator, 10000)
    assert run_schedule() == []
    policy = PayoutPolicy.objects.get()
    assert (policy.frequency, policy.weekday, policy.minimum) == ("WEEKLY", 0, 1000)
    local = policy.next_payout_at.astimezone(creator.user.zone)
    assert (local.weekday(), local.hour, local.minute) == (0, 6, 0)
    times.go_to(policy.next_payout_at)
    (payout,) = run_schedule()
    assert payout.amount == SHARE
    assert next_of(creator) > clock.now() + timedelta(days=6)


def test_missed_runs_pay_once(times, creator):
    """PO-3: ten days without a run are one run; the next date follows from now."""
    choose(creator, Frequency.DAILY)
    earned_calls(times, creator, 10000)
    times.forward(timedelta(days=10))
    (payout,) = run_schedule()
    assert run_schedule() == []
    assert clock.now() < next_of(creator) <= clock.now() + timedelta(hours=25)
    assert arrive(times, payout).status == "PAID"
    assert len(at_stripe_payouts(creator)) == 1
    assert run_policy(creator_id=creator.pk, now=clock.now()) == []


def test_what_a_creator_chooses(times, creator):
    """PO-1, PO-6: a pause and a minimum hold payouts up and are named; nobody is paid who asks by hand only."""
    earned_calls(times, creator, 10000)
    for fields, obstacle in (
        ({"paused": True}, ["paused"]),
        ({"minimum": SHARE + 1}, ["below_minimum"]),
    ):
        choose(creator, Frequency.WEEKLY, Weekday.FRIDAY, **fields)
        times.go_to(next_of(creator))
        assert clock.now().astimezone(creator.user.zone).weekday() == Weekday.FRIDAY
        assert run_schedule() == []
        assert PayoutPolicy.objects.get().last_obstacles == obstacle
    choose(creator, Frequency.MANUAL)
    assert next_of(creator) is None
    times.forward(timedelta(days=8))
    assert run_schedule() == []
    choose(creator, Frequency.WEEKLY, Weekday.FRIDAY, minimum=SHARE)
    times.go_to(next_of(creator))
    (payout,) = run_schedule()
    assert arrive(times, payout).status == "PAID"


def test_one_creators_trouble_is_not_the_others(times, creator, monkeypatch):
    """PO-1: a run that fails for one creator goes on with the next, and is tried again by the next run."""
    other = make_onboarded_creator(times.sandbox)
    earned_calls(times, creator, 10000)
    earned_calls(times, other, 10000)
    due(creator)
    due(other)
    real = plan.situation_of

    def situation(**asked):
        if asked["policy"].pk == creator.pk:
            raise RuntimeError("broken")
        return real(**asked)

    with monkeypatch.context() as patch:
        patch.setattr(plan, "situation_of", situation)
        assert run_due_payouts(now=clock.now()) == {"due": 2, "planned": 1, "failed": 1}
    assert [payout.creator_id for payout in Payout.objects.all()] == [other.pk]
    assert run_due_payouts(now=clock.now()) == {"due": 1, "planned": 1, "failed": 0}


@pytest.mark.parametrize(
    ("country", "currency"), [("FR", "EUR"), ("CH", "CHF"), ("GB", "GBP"), ("US", "USD")]
)
def test_each_currency(times, country, currency):
    """PO-2: a creator is paid in the currency that they charge in."""
    creator = make_onboarded_creator(times.sandbox, country=country, currency=currency)
    earned_calls(times, creator, 10000)
    payout = arrive(times, pay_out(creator))
    (made,) = at_stripe_payouts(creator)
    assert (payout.status, payout.currency, made.currency, made.amount) == (
        "PAID",
        currency,
        currency,
        payout.amount,
    )
    assert_ledger_equals_stripe([creator], currency=currency)


def test_a_creator_who_changes_currency(times, creator):
    """PO-2, PA-3: what was earned in the old one is paid out in it, beside the new one, each on its own."""
    (euros,) = earned_calls(times, creator, 10000)
    Creator.objects.filter(pk=creator.pk).update(currency="GBP")
    creator.refresh_from_db()
    found = standings(policy=policy_of(creator, now=clock.now()), now=clock.now())
    assert [standing.currency for standing in found] == ["GBP", "EUR"]
    payout = pay_out(creator)
    assert (payout.currency, items(payout)) == ("EUR", {euros.payment_id: SHARE})
    assert arrive(times, payout).status == "PAID"
    assert_ledger_equals_stripe([creator])


def many_payments(creator: Creator, fan: User, count: int) -> None:
    """Payments whose money may leave, as rows."""
    now = clock.now()
    common = {
        "offer_id": fan.pk,
        "creator_id": creator.pk,
        "fan_id": fan.pk,
        "amount": 1000,
        "currency": "EUR",
        "platform_fee": 150,
        "processing_fee": 59,
        "creator_amount": 791,
        "status": PaymentStatus.SUCCEEDED,
        "paid_at": now,
        "call_settled_at": now,
        "payout_release_date": now,
    }
    made = Payment.objects.bulk_create(Payment(booking_id=new_id(), **common) for _ in range(count))
    Balance.objects.bulk_create(
        Balance(
            account=Account.EARNINGS,
            creator_id=creator.pk,
            payment_id=payment.pk,
            currency="EUR",
            amount=-791,
        )
        for payment in made
    )


def queries_of(ask) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask()
    return len(asked)


@pytest.mark.parametrize("count", [1, 500])
def test_what_it_costs_does_not_grow(count):
    """PO-2: claims, standings and a run read as often for 500 open payments as for one."""
    creator = make_creator()
    many_payments(creator, make_user(), count)
    policy = policy_of(creator, now=clock.now())
    now = clock.now()
    assert len(claims_of(creator_id=creator.pk, currency="EUR", now=now).payable) == count
    assert queries_of(lambda: claims_of(creator_id=creator.pk, currency="EUR", now=now)) == 2
    assert queries_of(lambda: standings(policy=policy, now=now)) <= 4
    set_policy(creator, next_payout_at=now, minimum=1)
    assert queries_of(lambda: run_policy(creator_id=creator.pk, now=now)) <= 25
    assert Payout.objects.get().amount == 791 * count
