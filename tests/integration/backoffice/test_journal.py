"""LE-3, LE-4: the journal, its export, its balances and its comparison with Stripe."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.utils import timezone

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.documents.spreadsheets import JOURNAL_COLUMNS
from callastar.ledger.models import EntryKind, Line
from tests import bookings, money_rows
from tests.factories import make_creator, make_offer, make_user
from tests.money_world import pay_for_call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment():
    return bookings.confirmed(make_offer(creator=make_creator()), make_user(name="Noa Quill")).payment


def days(*, ago: int = 0) -> dict[str, str]:
    """Yesterday to tomorrow, or so many days before."""
    today = timezone.localdate(clock.now()) - timedelta(days=ago)
    return {"since": str(today - timedelta(days=1)), "until": str(today + timedelta(days=1))}


def test_the_export_holds_every_line_of_the_period(office, payment):
    """LE-4: as a program reads it; both sides add up to the same."""
    money_rows.earned(payment)
    money_rows.open_debt(payment)
    answer = office.get("ledger/entry/export/", **days())
    assert answer.streaming
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == Line.objects.count() == 4
    assert tuple(rows[0]) == JOURNAL_COLUMNS
    debits, credits = (sum(Decimal(row[side] or 0) for row in rows) for side in ("debit", "credit"))
    assert debits == credits > 0
    assert {row["payment_id"] for row in rows} == {str(payment.pk)}
    assert LogEntry.objects.get(type="JOURNAL_EXPORTED").actor_kind == "ADMIN"


def test_other_days_are_not_in_it(office, payment):
    """LE-4: by the day on which a line was written down."""
    money_rows.earned(payment)
    answer = office.get("ledger/entry/export/", **days(ago=5))
    assert list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode()))) == []


def test_a_period_that_is_none_is_asked_for_again(office):
    """The last day before the first one, and nonsense."""
    for period in ({"since": "2026-02-02", "until": "2026-02-01"}, {"since": "x", "until": "y"}):
        page = office.get("ledger/entry/export/", **period)
        assert not page.streaming
        assert page.context["form"].errors


def test_the_list_is_filtered_and_searched(office, payment):
    """AD-3: by kind, currency, time, and creator."""
    entry = money_rows.earned(payment)
    money_rows.open_debt(payment)
    assert "Rows: 2" in office.page("ledger/entry/")
    assert "Rows: 1" in office.page("ledger/entry/", kind=EntryKind.DEBT_MADE)
    assert "Rows: 2" in office.page("ledger/entry/", currency="EUR")
    slug = bookings.Booking.objects.get(payment=payment).creator.slug
    assert "Rows: 2" in office.page("ledger/entry/", q=slug)
    assert "Rows: 1" in office.page("ledger/entry/", q=entry.reference)
    assert "Nothing here" in office.page("ledger/entry/", q="nobody")
    past = str(clock.now() - timedelta(days=9))
    assert "Nothing here" in office.page("ledger/entry/", occurred_at__lt=past)


def test_balances_of_the_platform_add_up(office, at_stripe, creator):
    """LE-2: 15.00 commission and 3.20 collected of 100.00, less what Stripe took."""
    pay_for_call(at_stripe, creator)
    page = office.page("ledger/entry/balances/", **days())
    for figure in ("€15.00", "€3.20", "-€3.20"):
        assert figure in page
    assert "Nothing moved" in office.page("ledger/entry/balances/", **days(ago=9))


def test_a_comparison_is_started_by_its_job(office):
    """LE-3."""
    answer = office.post("ledger/reconciliationrun/run/")
    assert office.said(answer) == ["The comparison begins in a moment."]
    assert LogEntry.objects.get(type="RECONCILIATION_ASKED").actor_kind == "ADMIN"
    again = office.post("ledger/reconciliationrun/run/")
    assert office.said(again) == ["A comparison is about to begin already."]
    assert LogEntry.objects.filter(type="RECONCILIATION_ASKED").count() == 1


def test_differences_are_shown_with_both_sides(office, step):
    """LE-3: ids and amounts."""
    run = money_rows.different_run()
    page = office.page(step(run))
    assert "ch_1" in page
    assert "€1.00" in page
    assert "Differences found" in office.page("")


def test_what_waits_is_counted(office, payment):
    """AD-3: on the first page, each with its list."""
    money_rows.everything(payment)
    page = office.get("")
    shown = {str(each.label): each.value for each in page.context["overview"]}
    assert shown["Payouts to approve"] == shown["Disputes to answer"] == shown["Failed refunds"] == 1
    assert shown["Failed reversals"] == shown["Failed transfers after disputes"] == shown["Open debts"] == 1
    assert (shown["Failed payouts"], shown["Blocked creators"]) == (0, 0)
    for each in page.context["overview"]:
        assert office.client.get(each.url).status_code == 200
