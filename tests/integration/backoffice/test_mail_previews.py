"""EM-3, EM-4: staff see every mail in every language, in light and in dark; nobody else does, and nothing is kept."""

import pytest
from django.urls import reverse

from callastar.mail.examples import Group
from callastar.mail.models import EmailLog
from tests.factories import make_user
from tests.integration.backoffice.conftest import signed_in
from tests.unit.mail.samples import EXAMPLES

pytestmark = pytest.mark.django_db

CONFIRMATION = "mails/booking_confirmed_fan/"


def test_every_mail_is_listed_and_shown_side_by_side(office):
    """EM-4: by group, with four frames each."""
    contents, everything = office.page("mails/"), office.page("mails/all/")
    for group in Group:
        assert office.address(f"mails/group/{group}/") in contents
    for example in EXAMPLES.values():
        assert office.address(f"mails/{example.slug}/") in contents
        for ground in ("fr/light", "fr/dark", "en/light", "en/dark"):
            assert office.address(f"mails/{example.slug}/{ground}/") in everything
    reminders = office.page("mails/group/reminders/")
    assert office.address("mails/reminder_24h_fan/") in reminders
    assert "booking_confirmed" not in reminders


def test_one_mail_with_all_that_is_sent(office):
    """EM-4, EM-5: subjects and texts of both languages, the invitation, who may stop it."""
    page = office.page(CONFIRMATION)
    for words in (
        "Your call with Zoé Martin is booked",
        "Bonjour Camille",
        "METHOD:REQUEST",
        "nobody may do",
    ):
        assert words in page
    assert page.count(" sandbox ") == 8
    invitation = office.get(f"{CONFIRMATION}fr/invite.ics")
    assert invitation["Content-Type"] == "text/calendar; method=REQUEST"
    assert invitation.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Reminders a day before a call" in office.page("mails/reminder_24h_fan/")
    assert EmailLog.objects.count() == 0


def test_nothing_of_a_mail_acts_in_its_frame(office):
    """EM-4: no script, no way out; light and dark are as asked for, whatever the viewer's screen is."""
    light, dark = (office.get(f"{CONFIRMATION}en/{ground}/") for ground in ("light", "dark"))
    for answer in (light, dark):
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert b"prefers-color-scheme" not in answer.content
        assert b'href="http' not in answer.content
    assert b"@media not all" in light.content
    assert b"@media all" in dark.content


@pytest.mark.parametrize(
    "place",
    [
        "mails/nothing/",
        "mails/group/nothing/",
        f"{CONFIRMATION}de/light/",
        f"{CONFIRMATION}fr/grey/",
        "mails/reset_password/fr/invite.ics",
    ],
)
def test_what_there_is_not(office, place):
    """EM-4."""
    assert office.get(place).status_code == 404


def test_for_staff_only():
    """AD-1: for others these pages do not exist."""
    client = signed_in(make_user())
    for name, args in (
        ("mail_previews", []),
        ("mail_previews_all", []),
        ("mail_preview", ["reset_password"]),
        ("mail_preview_frame", ["reset_password", "fr", "light"]),
    ):
        assert client.get(reverse(f"admin:{name}", args=args)).status_code == 404
