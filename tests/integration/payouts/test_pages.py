"""A creator's earnings and payouts: LE-2, PO-1, PO-4, PO-6, RE-2, UI-1; everybody sees only theirs."""

from datetime import timedelta

import pytest
from django.test import Client

from callastar.accounts.models import Role
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.ledger.queries import creator_totals, open_earnings
from callastar.payments.models import Payment
from callastar.payouts.earnings.way import way_of
from callastar.payouts.models import Payout, PayoutItem, PayoutPolicy, PayoutStatus
from callastar.payouts.operations.plan import run_due_payouts
from callastar.payouts.operations.policy import follow_time_zones, policy_of
from callastar.payouts.queries import standings
from tests import earnings
from tests.factories import make_creator, make_user

pytestmark = pytest.mark.django_db
EARNINGS, PAYOUTS = "/en/dashboard/creator/earnings", "/en/dashboard/creator/payouts"
DAY = timedelta(days=1)


@pytest.fixture
def creator() -> Creator:
    return make_creator(user=make_user(role=Role.CREATOR, name="Zoé Amadou"))


@pytest.fixture
def studio(creator: Creator) -> Client:
    return signed_in(creator)


def signed_in(creator: Creator) -> Client:
    client = Client()
    client.force_login(creator.user)
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_every_figure_is_the_journals(studio, creator):
    """LE-2: what the page shows adds up to what the journal says is owed."""
    earnings.story(creator)
    page = text(studio, EARNINGS)
    standing = standings(policy=policy_of(creator, now=clock.now()), now=clock.now())[0]
    total = creator_totals(creator.pk)[0]
    assert standing.available + standing.pending == total.earned > 0
    assert (standing.paid, standing.debt, standing.in_payout) == (total.paid, total.debt, 0)
    assert total.debt == 2_500 - 460  # the platform gives its own part of 25.00 up, the rest is owed
    for amount in (standing.available, standing.pending, standing.paid, standing.debt):
        assert f"€{amount / 100:,.2f}" in page
    assert "What you owe" in page
    assert "Refund paid by the platform" in page


def test_a_payout_in_the_making_is_counted_once(creator):
    """LE-2, PO-2: between our word and the journal's the money is shown in the payout, not lost."""
    earnings.earn(creator)
    owed = creator_totals(creator.pk)[0].earned

    Payment.objects.update(payout_status=PayoutStatus.PROCESSING)
    standing = standings(policy=policy_of(creator, now=clock.now()), now=clock.now())[0]
    assert (standing.available, standing.pending, standing.in_payout) == (0, 0, owed)


def test_what_stands_in_the_way_is_said_with_what_to_do(studio, creator):
    """PO-6: all obstacles, each with its remedy."""
    earnings.earn(creator)
    policy = policy_of(creator, now=clock.now())
    Creator.objects.update(payouts_enabled=False, stripe_requirements=["external_account"])
    PayoutPolicy.objects.update(
        is_paused=True,
        minimum=900_000,
        blocked_reason="review",
        blocked_note="We look at <it>.",
        failed_bank_account="ba_1",
    )
    page = text(studio, EARNINGS)
    for said in (
        "Stripe has stopped payouts of your account",
        "Our team holds your payouts",
        "We look at &lt;it&gt;.",
        "Your bank account did not take the last payout",
        "You have paused your payouts",
        "below your minimum",
        "/en/dashboard/creator/onboarding/start",
        "/en/dashboard/creator/payouts/bank",
        "/en/dashboard/creator/payouts/settings",
        "mailto:",
    ):
        assert said in page, said
    assert "Next payout" not in page
    assert policy.creator_id == creator.pk


def test_the_next_payout_is_named_with_its_date_zone_and_amount(studio, creator):
    """PO-6, PO-3, UI-2."""
    earnings.earn(creator, price=10_000)
    page = text(studio, EARNINGS)
    assert "Next payout: <strong>€81.80</strong>, Monday" in page
    assert "at 06:00" in page
    assert "(Paris time)" in page


def test_who_has_not_earned_anything_is_told_how(studio):
    """UI-6: an empty page is designed."""
    assert "Nothing earned yet" in text(studio, EARNINGS)
    assert "No payouts yet" in text(studio, PAYOUTS)
    assert "No statements yet" in text(studio, f"{EARNINGS}/statements")


def test_the_list_of_payments_is_paged(studio, creator):
    """Each payment once, latest first; a page that does not exist is the first one."""
    for number in range(14):
        earnings.earn(creator, ago=(20 + number) * DAY, title=f"Call number {number}")
    first, second = text(studio, EARNINGS), text(studio, f"{EARNINGS}?page=2")
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in second
    titles = [f"Call number {number}<" for number in range(14)]
    assert [title in first for title in titles] == [True] * 12 + [False] * 2
    assert [title in second for title in titles] == [False] * 12 + [True] * 2
    for nonsense in ("9", "0", "x", "-1", "99999999999", "²"):
        assert "Page 1 of 2" in text(studio, f"{EARNINGS}?page={nonsense}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "paid",
            ["Paid by the fan", "Left for your bank", "Came back from the bank", "Arrived at your bank"],
        ),
        ("partly", ["Taken back for the refund", "Our fees on it, given back to you", "Available"]),
        ("wholly", ["Given back to the fan", "yours: €0.00"]),
        ("disputed", ["Disputed by the fan’s bank", "The fan’s bank decides"]),
        ("owing", ["Paid by Call a Star for you: you owe it"]),
        ("holding", ["Becomes available on"]),
    ],
)
def test_the_way_of_a_payment_is_told_step_by_step(studio, creator, name, said):
    """LE-2: from the gross to the bank, with a running sum."""
    money = earnings.story(creator)[name]
    page = text(studio, f"{EARNINGS}/{money.payment_id}")
    for words in ("Commission of Call a Star", "Payment processing", *said):
        assert words in page, words


def test_the_running_sum_ends_at_what_is_owed(creator):
    """LE-2: the last line is the journal's balance of the payment."""

    for money in earnings.story(creator).values():
        ids = PayoutItem.objects.filter(payment_id=money.payment_id).values_list("payout_id", flat=True)
        stages = way_of(payment_id=money.payment_id, payout_ids=list(ids))
        assert stages[-1].balance == open_earnings(creator.pk).get(money.payment_id, 0)
        assert sum(stage.effect for stage in stages) == stages[-1].balance


def test_what_is_somebody_elses_is_not_there(studio, creator):
    """Another creator's payment and payout are 404, as what does not exist, and nothing changes."""
    other = make_creator()
    money = earnings.earn(other)
    payout = earnings.requested(other, amount=8_180)
    nothing = creator.user_id
    for path in (
        f"{EARNINGS}/{money.payment_id}",
        f"{EARNINGS}/{nothing}",
        f"{PAYOUTS}/{payout.pk}",
        f"{PAYOUTS}/{nothing}",
    ):
        text(studio, path, 404)
    assert studio.post(f"{PAYOUTS}/{payout.pk}/take-back").status_code == 404
    payout.refresh_from_db()
    assert payout.status == PayoutStatus.REQUESTED


def test_guests_sign_in_and_fans_are_shown_how_to_become_creators():
    """Only creators have earnings."""
    assert Client().get(EARNINGS).url.startswith("/en/account/login/")
    fan = Client()
    fan.force_login(make_user())
    assert fan.get(EARNINGS).url == "/en/creators/become"
    assert PayoutPolicy.objects.count() == 0


def test_asking_for_a_payout_and_taking_it_back(studio, creator):
    """PO-4: the amount is shown, an admin must agree, until then the creator may take it back."""
    earnings.earn(creator)
    assert "€81.80" in text(studio, f"{PAYOUTS}/ask/EUR")
    assert Payout.objects.count() == 0
    answer = studio.post(f"{PAYOUTS}/ask/EUR", follow=True)
    payout = Payout.objects.get()
    assert (payout.status, payout.amount, payout.trigger) == ("REQUESTED", 8_180, "REQUEST")
    page = answer.content.decode()
    assert "Take the request back" in page
    assert "Waiting for approval" in page
    studio.post(f"{PAYOUTS}/{payout.pk}/take-back")
    payout.refresh_from_db()
    assert payout.status == PayoutStatus.CANCELED
    page = text(studio, f"{PAYOUTS}/{payout.pk}")
    assert "Nothing has left" in page
    assert "by you" in page
    assert "Take the request back" not in page


def test_asking_when_it_cannot_be_says_why(studio, creator):
    """PO-6: a refusal changes nothing."""
    page = text(studio, f"{PAYOUTS}/ask/EUR")
    assert "Nothing can be paid out yet." in page
    answer = studio.post(f"{PAYOUTS}/ask/EUR", follow=True)
    assert "Nothing can be paid out yet." in answer.content.decode()
    assert Payout.objects.count() == 0
    text(studio, f"{PAYOUTS}/ask/XXX", 404)
    text(studio, f"{PAYOUTS}/ask/USD", 404)


def test_what_is_decided_cannot_be_taken_back(studio, creator):
    """PO-4: only a request that waits."""
    earnings.earn(creator)
    payout = earnings.leave(creator, earnings.payable(creator), at=clock.now())
    answer = studio.post(f"{PAYOUTS}/{payout.pk}/take-back", follow=True)
    assert "already been decided" in answer.content.decode()
    payout.refresh_from_db()
    assert payout.status == PayoutStatus.PROCESSING


def test_a_failed_payout_says_why_in_words(studio, creator):
    """PO-5."""
    earnings.earn(creator)
    payout = earnings.leave(creator, earnings.payable(creator), at=clock.now() - DAY)
    earnings.stripe_says(payout.pk, "failed", at=clock.now(), failure_code="account_closed")
    for path in (PAYOUTS, f"{PAYOUTS}/{payout.pk}"):
        page = text(studio, path)
        assert "The bank account has been closed." in page
        assert "Failed" in page
    assert "by itself" in text(studio, f"{PAYOUTS}/{payout.pk}")


def test_the_settings_are_saved_and_the_date_follows(studio, creator):
    """PO-1, PO-3: amounts in major units; the next date is 06:00 of the creator."""
    sent = {"frequency": "WEEKLY", "weekday": "3", "minimum": "25.50", "is_paused": "on"}
    assert studio.post(f"{PAYOUTS}/settings", sent).status_code == 302
    policy = PayoutPolicy.objects.get()
    assert (policy.frequency, policy.weekday, policy.minimum, policy.is_paused) == ("WEEKLY", 3, 2_550, True)
    local = policy.next_payout_at.astimezone(creator.user.zone)
    assert (local.weekday(), local.hour, local.minute) == (3, 6, 0)
    page = text(studio, f"{PAYOUTS}/settings")
    assert 'value="25.50"' in page
    assert "Paused: nothing leaves on that day." in page


@pytest.mark.parametrize(
    "change",
    [
        {"minimum": "0.99"},
        {"minimum": "10000.01"},
        {"minimum": "12.345"},
        {"minimum": ""},
        {"minimum": "NaN"},
        {"weekday": "7"},
        {"frequency": "HOURLY"},
    ],
)
def test_settings_that_make_no_sense_are_refused(studio, creator, change):
    """PO-1: between 1.00 and 10,000.00; nothing is saved."""
    before = PayoutPolicy.objects.filter(pk=policy_of(creator, now=clock.now()).pk).values().get()
    sent = {"frequency": "DAILY", "weekday": "0", "minimum": "10", **change}
    answer = studio.post(f"{PAYOUTS}/settings", sent)
    assert answer.status_code == 422
    assert "data-invalid" in answer.content.decode()
    assert PayoutPolicy.objects.values().get() == before


def test_a_creator_who_moved_is_paid_at_their_new_six_oclock(studio, creator):
    """PO-3: the page says it at once, and the next run moves the stored date."""

    policy_of(creator, now=clock.now())
    sent = {"name": creator.user.name, "timezone": "Asia/Tokyo", "locale": "en"}
    assert studio.post("/en/account/profile", sent).status_code == 302
    page = text(studio, f"{PAYOUTS}/settings")
    assert "at 06:00" in page
    assert "Tokyo time" in page
    run_due_payouts(now=clock.now())
    creator.user.refresh_from_db()
    local = PayoutPolicy.objects.get().next_payout_at.astimezone(creator.user.zone)
    assert (local.tzinfo.key, local.weekday(), local.hour) == ("Asia/Tokyo", 0, 6)


def test_a_run_that_is_due_stays_due_when_the_creator_moves(creator):
    """PO-3: moving does not lose a payout."""

    policy_of(creator, now=clock.now())
    due = clock.now() - timedelta(minutes=1)
    PayoutPolicy.objects.update(next_payout_at=due)
    creator.user.timezone = "Asia/Tokyo"
    creator.user.save()
    follow_time_zones(now=clock.now())
    assert PayoutPolicy.objects.get().next_payout_at == due


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_page_answers_in_both_languages(studio, creator, locale):
    """UI-1."""
    story = earnings.story(creator)
    payout = Payout.objects.first()
    for path in (
        "earnings",
        *(f"earnings/{money.payment_id}" for money in story.values()),
        "earnings/statements",
        "payouts",
        f"payouts/{payout.pk}",
        "payouts/settings",
        "payouts/ask/EUR",
    ):
        assert studio.get(f"/{locale}/dashboard/creator/{path}").status_code == 200, path
