"""LO-1, AD-3: the system log is found by level, type, who did it and what it is about."""

import pytest

from callastar.audit.models import Level, LogEntry
from callastar.audit.operations import Actor, record
from callastar.core.ids import new_id
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIST = "audit/logentry/"


def test_the_log_is_filtered_searched_and_read(office):
    """LO-1: all of it is shown, nothing can be changed, and what people wrote is never markup."""
    fan, booking = make_user(email="fan@example.com"), new_id()
    made = record(type="BOOKING_CREATED", message="Made <b>", actor=Actor.of(fan), booking=booking)
    failed = record(type="PAYMENT_FAILED", message="Declined", level=Level.ERROR, booking=new_id())

    def shown(**wanted) -> set[LogEntry]:
        page = office.page(LIST, **wanted)
        return {each for each in (made, failed) if f"{LIST}{each.pk}/" in page}

    assert shown() == {made, failed}
    assert shown(level="ERROR") == shown(q="payment_failed") == shown(actor_kind="SYSTEM") == {failed}
    for term in ("BOOKING_CREATED", "FAN@example.com", str(fan.pk), str(booking), str(made.pk)):
        assert shown(q=term) == {made}, term
    assert shown(q=str(new_id())) == shown(q="FAN") == set()
    page = office.page(f"{LIST}{made.pk}/change/")
    for said in ("Information", "BOOKING_CREATED", "Made &lt;b&gt;", str(fan.pk), str(booking)):
        assert said in page
    answer = office.client.post(office.address(f"{LIST}{made.pk}/change/"), {"message": "forged"})
    made.refresh_from_db()
    assert (made.message, answer.status_code) == ("Made <b>", 200)


def test_it_speaks_french(office):
    """AD-3."""
    entry = record(type="BOOKING_CREATED", message="Made")
    page = office.client.get(office.address(f"{LIST}{entry.pk}/change/", "fr")).content.decode()
    assert "Journal du système" in page
    assert "Ce qui s’est passé" in page
