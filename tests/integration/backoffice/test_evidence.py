"""RE-4: the answer to a dispute is gathered by itself, completed by an admin, and sent once."""

import pytest

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.mail.models import EmailLog
from callastar.payments.models import Dispute, DisputeStatus
from tests import bookings, money_rows
from tests.factories import make_creator, make_offer, make_user
from tests.money_world import pay_for_call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispute() -> Dispute:
    fan = make_user(name="Noa Quill", email="noa@example.com")
    return money_rows.open_dispute(bookings.confirmed(make_offer(creator=make_creator()), fan).payment)


def initial(answer) -> dict[str, str]:
    """What the form is filled in with."""
    return answer.context["form"].initial


def test_it_is_filled_in_with_what_is_known(office, dispute, step):
    """Booking, terms, the call and the mails about it."""
    EmailLog.objects.filter(template="booking_confirmed_fan").update(
        subject="Your call is confirmed", status="delivered", sent_at=clock.now()
    )
    seen = initial(office.get(step(dispute, "evidence")))
    assert (seen["customer_name"], seen["customer_email_address"]) == ("Noa Quill", "noa@example.com")
    booking = bookings.Booking.objects.get()
    assert str(booking.pk) in seen["product_description"]
    assert "€50.00" in seen["product_description"]
    assert "Call planned from" in seen["access_activity_log"]
    assert "100 % refunded" in seen["cancellation_policy_disclosure"]
    assert "noa@example.com: “Your call is confirmed” (delivered)" in seen["uncategorized_text"]
    assert booking.creator.user.email not in seen["uncategorized_text"]


def test_saving_keeps_it_and_sends_nothing(office, dispute, step):
    """What is empty is left out; the page shows the admin's words again."""
    office.post(
        step(dispute, "evidence"), customer_name="Noa Q.", product_description="A call", service_date=""
    )
    dispute.refresh_from_db()
    assert dispute.evidence == {"customer_name": "Noa Q.", "product_description": "A call"}
    assert dispute.evidence_submitted_at is None
    assert initial(office.get(step(dispute, "evidence")))["customer_name"] == "Noa Q."


def test_too_long_a_text_is_refused(office, dispute, step):
    """Stripe takes 20,000 characters of each part."""
    office.post(step(dispute, "evidence"), product_description="x" * 20_001)
    assert Dispute.objects.get().evidence == {}


def test_nothing_is_sent_without_a_saved_answer_or_after_the_end(office, dispute, step):
    """Refused in words."""
    answer = office.post(step(dispute, "submit"))
    assert office.said(answer) == ["This dispute takes no evidence any more."]
    Dispute.objects.update(status=DisputeStatus.LOST, evidence={"customer_name": "Noa"})
    for path in ("evidence", "submit"):
        answer = office.post(step(dispute, path), customer_name="Other")
        assert "This dispute takes no evidence any more." in answer.content.decode()
    dispute.refresh_from_db()
    assert (dispute.evidence, dispute.evidence_submitted_at) == ({"customer_name": "Noa"}, None)


def test_sending_it_once(office, at_stripe, creator, step):
    """After a page that says it is for good; then the status is Stripe's, and nothing can be changed."""
    paid = pay_for_call(at_stripe, creator)
    at_stripe.control("POST", "disputes", {"charge": paid.charge_id})
    paid.sync()
    dispute = Dispute.objects.get()
    office.post(step(dispute, "evidence"), product_description="A call", send="yes")
    assert "nothing can be changed" in office.page(step(dispute, "submit"))
    answer = office.post(step(dispute, "submit"))
    assert office.said(answer) == ["The answer has been sent to the bank."]
    dispute.refresh_from_db()
    assert dispute.evidence_submitted_at is not None
    assert dispute.status != DisputeStatus.NEEDS_RESPONSE
    assert "Prepare the answer" not in office.page(step(dispute))
    office.post(step(dispute, "evidence"), product_description="Another")
    office.post(step(dispute, "submit"))  # a double click
    sent = Dispute.objects.get()
    assert (sent.evidence, sent.evidence_submitted_at) == (
        {"product_description": "A call"},
        dispute.evidence_submitted_at,
    )
    assert LogEntry.objects.get(type="DISPUTE_EVIDENCE_SUBMITTED").actor_kind == "ADMIN"
