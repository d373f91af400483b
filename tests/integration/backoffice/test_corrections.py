"""LE-1, LE-3, AD-3: the journal is put right in the back office, asked twice and logged."""

import pytest

from callastar.audit.models import LogEntry
from callastar.ledger.models import Entry
from tests import bookings, money_rows
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ADJUST = "ledger/entry/adjust/"
GIVEN = {"reference": "txn_9", "amount": "-12,50", "currency": "EUR", "creator": "", "reason": "By hand"}


@pytest.fixture
def entry(db) -> Entry:
    booking = bookings.confirmed(make_offer(creator=make_creator()), make_user())
    return money_rows.earned(booking.payment)


def test_an_entry_is_corrected(office, step, entry, admin):
    """LE-1: a reason, a page with the reverse, then the entry; a second time is refused."""
    assert office.address(step(entry, "correct")) in office.page(step(entry))
    assert "kept with the entry" in office.page(step(entry, "correct"))
    asked = office.post(step(entry, "correct"), reason="Posted twice")
    assert "Take this entry back?" in asked.content.decode()
    assert Entry.objects.count() == 1
    done = office.post(step(entry, "correct"), reason="Posted twice", confirmed="yes")
    assert office.said(done) == ["The entry is taken back."]
    page = office.page(step(entry))
    assert f"correction:{entry.pk}" in page
    assert office.address(step(entry, "correct")) not in page
    again = office.post(step(entry, "correct"), reason="Posted twice", confirmed="yes")
    assert office.said(again) == ["This entry has been taken back already."]
    assert Entry.objects.count() == 2
    assert LogEntry.objects.get(type="LEDGER_CORRECTED").actor_id == admin.pk


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_a_correction_needs_a_reason(office, step, entry, confirmed):
    """LE-1: nothing is posted."""
    answer = office.post(step(entry, "correct"), reason=" ", **confirmed)
    assert answer.context["form"].errors
    assert Entry.objects.count() == 1


def test_an_adjustment_is_booked(office, admin):
    """LE-3: shown before it is posted; the same movement is refused a second time."""
    asked = office.post(ADJUST, **GIVEN).content.decode()
    for said in ("Book this adjustment?", "-€12.50", "€12.50", "txn_9", "By hand"):
        assert said in asked.replace("−", "-"), said
    assert not Entry.objects.exists()
    done = office.post(ADJUST, **GIVEN, confirmed="yes")
    assert office.said(done) == ["The adjustment is booked."]
    entry = Entry.objects.get()
    assert list(entry.lines.order_by("id").values_list("account", "amount")) == [
        ("PLATFORM_BALANCE", -1250),
        ("ADJUSTMENTS", 1250),
    ]
    again = office.post(ADJUST, **GIVEN, confirmed="yes").content.decode()
    assert "has been booked already" in again
    assert 'name="confirmed"' not in again
    assert Entry.objects.count() == 1
    assert LogEntry.objects.get(type="LEDGER_ADJUSTED").actor_id == admin.pk


def test_on_the_balance_of_a_creator(office):
    """LE-3: found by the name of their page."""
    creator = make_creator()
    asked = office.post(ADJUST, **{**GIVEN, "creator": creator.slug}).content.decode()
    assert creator.name in asked
    office.post(ADJUST, **{**GIVEN, "creator": creator.slug}, confirmed="yes")
    entry = Entry.objects.get()
    assert entry.creator_id == creator.pk
    assert entry.lines.get(account="CREATOR_BALANCE").amount == -1250


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""},
        {"reference": "what I did"},
        {"amount": "0"},
        {"amount": "1.234"},
        {"amount": "x"},
        {"currency": "XXX"},
        {"creator": "nobody"},
        {"reason": " "},
    ],
)
def test_what_is_no_adjustment(office, wrong):
    """LE-3: said at the form, and nothing is posted."""
    answer = office.post(ADJUST, **{**GIVEN, **wrong}, confirmed="yes")
    assert answer.context["form"].errors
    assert not Entry.objects.exists()


def test_differences_lead_there(office, step):
    """LE-3: from the comparison that found them, and from the journal."""
    assert office.address(ADJUST) in office.page(step(money_rows.different_run()))
    assert office.address(ADJUST) in office.page("ledger/entry/")
