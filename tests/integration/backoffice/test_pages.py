"""AD-3: every list and page of the back office shows what there is, in both languages."""

import pytest

from callastar.ledger.models import Entry, ReconciliationRun
from callastar.payments.models import Debt, Dispute, Payment, Refund, Restitution, TransferReversal
from callastar.payouts.models import Payout, PayoutPolicy
from tests import bookings, money_rows
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = (
    Payout,
    PayoutPolicy,
    Payment,
    Refund,
    Dispute,
    Restitution,
    Debt,
    TransferReversal,
    Entry,
    ReconciliationRun,
)


@pytest.fixture
def payment() -> Payment:
    return bookings.confirmed(make_offer(creator=make_creator()), make_user(name="Noa Quill")).payment


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_list_and_page(office, payment, step, locale):
    """AD-3: all of them answer, and each row's page is reached from its list."""
    money_rows.everything(payment)
    for kind in KINDS:
        place = f"{kind._meta.app_label}/{kind._meta.model_name}/"
        page = office.client.get(office.address(place, locale))
        assert page.status_code == 200
        row = kind.objects.first()
        assert row is not None, kind
        assert office.address(step(row), locale) in page.content.decode(), kind
        assert "object at 0x" not in page.content.decode()
        assert "functools" not in page.content.decode()
        assert office.client.get(office.address(step(row), locale)).status_code == 200
    for place in ("", "ledger/entry/export/", "ledger/entry/balances/"):
        assert office.client.get(office.address(place, locale)).status_code == 200
