"""What runs every few minutes finds its rows by an index, however many payouts there have been (PO-7, "Indexes")."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from callastar.core import clock
from callastar.payments.models import Payment
from callastar.payouts.models import Payout, PayoutItem, PayoutPolicy, PayoutStatus
from callastar.payouts.operations import plan, settle
from callastar.payouts.operations.chase import chase_payouts
from tests.factories import make_creator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def indexes_only() -> Iterator[None]:
    """For so few rows no index is worth it: a table is read as a whole only where there is no other way."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET enable_seqscan")


def plans_of(action: Callable[[], Any], table: str) -> list[str]:
    """The plans of all statements on a table that an action sends."""
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(rf'(SELECT\b.*\bFROM|UPDATE) "?{table}\b', sql, re.DOTALL):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        action()
    assert plans, f"nothing was asked of {table}"
    return plans


def test_payouts_to_go_on_with() -> None:
    """PO-7, WH-4: those on their way by state, those that may come back by when they arrived."""
    open_ones, paid = plans_of(lambda: chase_payouts(now=clock.now()), Payout._meta.db_table)
    assert "one_active_payout" in open_ones or "payouts_by_status" in open_ones
    assert "payouts_by_arrival" in paid
    assert "Seq Scan" not in open_ones + paid


def test_bank_accounts_to_look_at() -> None:
    """PO-5: of the few that refused a payout."""
    (found,) = plans_of(lambda: plan._look_at_bank_accounts(clock.now()), PayoutPolicy._meta.db_table)
    assert "payout_policies_bank" in found


def test_payments_of_a_payout() -> None:
    """PA-4: by the payout's items; nothing leads from a payout to its payments else."""
    payout = Payout.objects.create(
        creator=make_creator(), currency="EUR", amount=1, status=PayoutStatus.PROCESSING, trigger="SCHEDULE"
    )
    PayoutItem.objects.create(payout=payout, payment_id=payout.pk, amount=1)
    (found,) = plans_of(lambda: settle.let_go(payout), Payment._meta.db_table)
    assert "payments_payment_pkey" in found
