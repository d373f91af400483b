"""Back office: who may enter, and that nothing can be edited there (AD-3, PE-1)."""

import pytest
from django.test import Client

from callastar.payments.models import Debt, Payment
from callastar.payouts.models import Payout, PayoutStatus
from tests import bookings, money_rows
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.integration.backoffice.conftest import Office, signed_in
from tests.second_factors import add_totp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment() -> Payment:
    return bookings.confirmed(make_offer(creator=make_creator()), make_user(name="Noa Quill")).payment


@pytest.fixture
def payout(payment) -> Payout:
    return money_rows.waiting_payout(make_creator())


PLACES = ("", "payouts/payout/", "ledger/entry/export/?since=2026-01-01&until=2026-12-31", "nowhere/at/all/")


@pytest.mark.parametrize("place", PLACES)
def test_guests_are_sent_to_sign_in(db, place):
    """Whatever the address, and they come back to it."""
    answer = Client().get(f"/fr/dashboard/admin/{place}")
    assert answer.status_code == 302
    assert answer.url.startswith("/fr/account/login/?next=/fr/dashboard/admin/")


@pytest.mark.parametrize("place", PLACES)
def test_for_fans_and_creators_it_does_not_exist(db, place):
    """A second factor changes nothing."""
    for person in (make_user(), make_creator().user):
        assert signed_in(person).get(f"/en/dashboard/admin/{place}").status_code == 404


def test_an_admin_needs_a_second_factor_in_this_session(payout, step):
    """A password alone shows where to set it up, or to give it and come back; nothing is done meanwhile."""
    admin = make_admin()
    client = signed_in(admin, method="password")
    page = client.get(f"/en/dashboard/admin/{step(payout)}")
    assert page.status_code == 403
    assert 'href="/en/account/2fa/"' in page.content.decode()
    add_totp(admin)
    page = client.get(f"/en/dashboard/admin/{step(payout)}").content.decode()
    assert (
        f"/en/account/2fa/reauthenticate/?next=%2Fen%2Fdashboard%2Fadmin%2Fpayouts%2Fpayout%2F{payout.pk}"
        in page
    )
    answer = client.post(f"/en/dashboard/admin/{step(payout, 'reject')}", {"reason": "no"})
    assert answer.status_code == 403
    assert Payout.objects.get().status == PayoutStatus.REQUESTED


def test_a_second_factor_of_another_session_is_none(payout):
    """Each sign-in gives its own."""
    admin = make_admin()
    assert signed_in(admin).get("/en/dashboard/admin/").status_code == 200
    assert signed_in(admin, method="password").get("/en/dashboard/admin/").status_code == 403


def test_a_blocked_admin_is_out(db):
    """Django signs them out with their next request."""
    admin = make_admin()
    client = signed_in(admin)
    admin.is_active = False
    admin.save()
    assert client.get("/en/dashboard/admin/").status_code == 302


STEPS = (
    "payouts/payout/{payout}/approve/",
    "payouts/payout/{payout}/reject/",
    "payments/payment/{payment}/refund/",
)


@pytest.mark.parametrize("path", STEPS)
def test_forged_forms_do_nothing(payment, payout, path):
    """Of a fan, and of another site in an admin's browser."""
    address = f"/en/dashboard/admin/{path.format(payout=payout.pk, payment=payment.pk)}"
    fields = {"expected": 0, "reason": "x", "amount": "1", "left": payment.amount, "confirmed": "yes"}
    assert signed_in(make_user()).post(address, fields).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(make_admin()).cookies
    assert strict.post(address, fields).status_code == 403
    assert Payout.objects.get().status == PayoutStatus.REQUESTED
    assert payment.refunds.count() == 0


def test_nothing_is_added_edited_or_deleted(office, payment, step):
    """History is never changed: these addresses do not exist, and a form sent to a page changes nothing."""
    debt = money_rows.open_debt(payment)
    assert office.get("payments/debt/add/").status_code == 404
    for what in ("delete", "history"):
        assert office.get(step(debt, what)).status_code == 404
    office.client.post(office.address(step(debt)), {"amount": "1"})
    office.client.post(
        office.address("payments/debt/"), {"action": "delete_selected", "_selected_action": debt.pk}
    )
    assert list(Debt.objects.values_list("pk", "amount", "status")) == [(debt.pk, debt.amount, "OPEN")]


def test_steps_that_do_something_are_posted(office, payment, step):
    """A link, or a browser that fetches ahead, starts nothing."""
    debt = money_rows.open_debt(payment)
    assert office.get(step(debt, "recover")).status_code == 405
    assert office.get("ledger/reconciliationrun/run/").status_code == 405


def test_the_menu_leads_there(office: Office):
    """Admins find the back office in their menu."""
    assert '/en/dashboard/admin/"' in office.client.get("/en/").content.decode()
    assert "dashboard/admin" not in signed_in(make_user()).get("/en/").content.decode()
