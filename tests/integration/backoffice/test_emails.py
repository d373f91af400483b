"""AD-2, EM-1, EM-2: staff see every mail and what became of it, and mend what they can."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.mail.models import EmailLog, EmailStatus, Suppression
from tests import upkeep_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost() -> EmailLog:
    return upkeep_rows.lost_mail()


def test_the_list_is_filtered_and_searched(office, lost):
    """AD-2: by status, language, address, template, id of the mail or of its booking."""
    EmailLog.objects.create(
        dedupe_key="2", template="refunded", locale="en", time_zone="UTC", to="b@site.example",
        status=EmailStatus.DELIVERED, metadata={"booking": "b-7"},
    )  # fmt: skip
    assert "Rows: 2" in office.page("mail/emaillog/")
    for params in (
        {"status": "bounced"},
        {"locale": "fr"},
        {"q": "LOREM@site.example"},
        {"q": str(lost.pk)},
        {"q": "lorem-1"},
        {"q": "refunded"},
        {"q": "b-7"},
    ):
        assert "Rows: 1" in office.page("mail/emaillog/", **params), params
    assert "Nothing here" in office.page("mail/emaillog/", q="nobody")


def test_a_page_shows_the_mail_and_what_became_of_it(office, lost, step):
    """EM-1: its text, why it came back, and the mail itself in a frame in which nothing can act."""
    page = office.page(step(lost))
    for said in ("Came back", "Permanent", upkeep_rows.SAID, "payout_paid", "lorem-1", 'src="../html/"'):
        assert said in page
    framed = office.get(step(lost, "html"))
    assert framed.content.decode() == lost.html
    policy = framed.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_what_was_lost_is_sent_again(office, lost, step):
    """AD-2: once, whoever asks how often; who did it is known."""
    for _ in range(2):
        assert "sent once more" in office.said(office.post(step(lost, "again")))[0]
    copy = EmailLog.objects.exclude(pk=lost.pk).get()
    assert (copy.to, copy.status) == (lost.to, EmailStatus.PENDING)
    assert ProcrastinateJob.objects.count() == 1
    entry = LogEntry.objects.get(type="EMAIL_SENT_AGAIN")
    assert entry.actor_kind == "ADMIN"
    assert str(copy.pk) in office.page(step(lost))


def test_a_mail_that_arrived_is_not_sent_again(office, lost, step):
    """AD-2: refused in words, and nothing happens."""
    EmailLog.objects.update(status=EmailStatus.DELIVERED)
    assert "Only a mail that failed" in office.said(office.post(step(lost, "again")))[0]
    assert "Send again" not in office.page(step(lost))
    assert EmailLog.objects.count() == 1


def test_an_address_gets_all_mail_again(office, lost, step):
    """EM-2: staff take it off the list."""
    row = upkeep_rows.suppression(lost)
    assert "only what is essential" in office.page(step(lost))
    assert lost.to in office.page("mail/suppression/", q="lorem")
    assert str(lost.pk) in office.page(step(row))
    assert "all mail again" in office.said(office.post(step(row, "lift")))[0]
    assert not Suppression.objects.exists()
    assert LogEntry.objects.filter(type="EMAIL_ADDRESS_LIFTED", actor_kind="ADMIN").count() == 1


def test_only_staff_see_mails(client, lost, step):
    """AD-1: also the frame."""
    for path in (step(lost), step(lost, "html")):
        assert client.get(f"/en/dashboard/admin/{path}").status_code == 302
