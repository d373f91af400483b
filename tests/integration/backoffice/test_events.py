"""WH-2, AD-3: events that keep failing are seen, understood and run again."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.webhooks.models import EventStatus, WebhookEvent
from callastar.webhooks.operations.inbox import MOST_RERUNS, PROCESS
from tests import money_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parked() -> WebhookEvent:
    return money_rows.parked_event()


@pytest.fixture
def carried_out() -> WebhookEvent:
    return WebhookEvent.objects.create(
        provider="stripe",
        event_id="evt_done",
        type="charge.updated",
        account="acct_7",
        payload={"note": "<b>bold</b>"},
        occurred_at=clock.now(),
        status=EventStatus.PROCESSED,
    )


def test_the_list_is_filtered_and_searched(office, parked, carried_out):
    """WH-2: status, type and time; parked ones by the first filter; by type, id or account."""
    page = office.page("webhooks/webhookevent/")
    for said in ("refund.updated", "charge.updated", "Parked", "Processed"):
        assert said in page
    assert "Rows: 2" in page
    only = office.page("webhooks/webhookevent/", status="parked")
    assert "Rows: 1" in only
    assert parked.event_id in only
    for term in ("evt_done", "charge.updated", "acct_7", str(carried_out.pk)):
        assert "Rows: 1" in office.page("webhooks/webhookevent/", q=term), term
    assert "Nothing here" in office.page("webhooks/webhookevent/", q="evt_none")


def test_parked_ones_are_counted_on_the_first_page(office, parked, carried_out):
    """WH-2, AD-3: with the way to them."""
    (waiting,) = [
        each for each in office.get("").context["overview"] if each.label == "Events that keep failing"
    ]
    assert (waiting.value, waiting.variant) == (1, "danger")
    page = office.client.get(waiting.url).content.decode()
    assert parked.event_id in page
    assert carried_out.event_id not in page


def test_a_page_shows_what_stripe_sent_and_why_it_failed(office, step, parked, carried_out):
    """WH-2: error, tries, and the payload to be read, which is text and never markup."""
    page = office.page(step(parked))
    for said in ("No such refund", "within the hour", "&quot;type&quot;: &quot;refund.updated&quot;"):
        assert said in page
    WebhookEvent.objects.filter(pk=parked.pk).update(reruns=MOST_RERUNS)
    assert "not tried again by itself" in office.page(step(parked))
    other = office.page(step(carried_out))
    assert "&lt;b&gt;bold" in other
    assert "keeps failing" not in other


def test_it_is_run_again_by_its_job(office, step, parked, admin):
    """WH-2: one click, logged with who did it; a page that is only looked at runs nothing."""
    assert office.get(step(parked, "replay")).status_code == 405
    assert not ProcrastinateJob.objects.filter(task_name=PROCESS).exists()
    answer = office.post(step(parked, "replay"))
    assert office.said(answer) == ["The event runs again in a moment."]
    parked.refresh_from_db()
    assert (parked.status, parked.error) == (EventStatus.RECEIVED, "")
    assert ProcrastinateJob.objects.get(task_name=PROCESS).args == {"event_id": str(parked.pk)}
    log = LogEntry.objects.get(type="WEBHOOK_REPLAYED")
    assert (log.actor_kind, log.actor_id) == ("ADMIN", admin.pk)
