"""AD-3: every list and page of the back office shows what there is, in both languages."""

import pytest

from callastar.payments.models import Payment
from tests import bookings, money_rows
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment() -> Payment:
    return bookings.confirmed(make_offer(creator=make_creator()), make_user(name="Noa Quill")).payment


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_list_and_page(office, payment, step, locale):
    """AD-3: all of them answer, and each row's page is reached from its list."""
    for row in money_rows.everything(payment):
        place = f"{row._meta.app_label}/{row._meta.model_name}/"
        page = office.client.get(office.address(place, locale))
        assert page.status_code == 200
        assert office.address(step(row), locale) in page.content.decode(), place
        assert "object at 0x" not in page.content.decode()
        assert "functools" not in page.content.decode()
        assert office.client.get(office.address(step(row), locale)).status_code == 200
    for place in ("", "ledger/entry/export/", "ledger/entry/balances/"):
        assert office.client.get(office.address(place, locale)).status_code == 200
