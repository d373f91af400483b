"""EM-4: one click stops one kind of mail, for whoever holds the link and for nobody else (RFC 8058)."""

import re
from html import unescape

import pytest
from django.conf import settings as live_settings
from django.core.signing import Signer
from django.db import transaction
from django.test import Client

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.mail.choices import is_wanted
from callastar.mail.kinds import Kind
from callastar.mail.models import EmailChoice, EmailLog, EmailStatus
from callastar.mail.operations import queue_email, send_email
from callastar.mail.refusals import UnsubscribeLinkError
from callastar.mail.unsubscribe import link_for, read_token, token_for
from tests.factories import make_user
from tests.integration.mail.test_choices import HELD, log

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
KIND = Kind.UNPAID_BOOKINGS


@pytest.fixture
def user():
    return make_user(name="Zoé Amadou", email="zoe@example.com")


@pytest.fixture
def stranger():
    """Holds the link, is not signed in, and would be refused whatever needs a token against forged forms."""
    return Client(enforce_csrf_checks=True)


def path(user, kind=KIND, locale="en"):
    return link_for(user_id=user.pk, kind=kind, locale=locale).removeprefix(live_settings.SITE_URL)


def wants(user, kind=KIND):
    return is_wanted(user_id=user.pk, kind=kind)


def sent_mail(user, template="hold_lapsed", **context):
    with transaction.atomic():
        email = queue_email(
            template=template,
            recipient=user,
            dedupe_key=str(new_id()),
            context={**HELD, **context},
            metadata={"booking": "b1"},
        )
    assert send_email(email_id=email.pk, now=clock.now()) == EmailStatus.SENT
    return EmailLog.objects.get(pk=email.pk)


def test_the_mail_offers_it_and_the_stored_copy_does_not(user, mailoutbox, settings):
    """EM-1, EM-4: headers and footer carry one link that works; what stays in the log works for nobody."""
    email = sent_mail(user)
    [mail] = mailoutbox
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith(f"{settings.SITE_URL}/en/unsubscribe?token=")
    assert link in mail.body
    assert link in unescape(mail.alternatives[0][0])
    assert f"{settings.SITE_URL}/en/account/email-settings" in mail.body
    token = link.partition("token=")[2]
    assert (read_token(token).user, read_token(token).kind) == (user, KIND)
    kept = str(EmailLog.objects.filter(pk=email.pk).values().get())
    assert token not in kept
    assert token.rpartition(".")[2] not in kept
    assert "#hidden-unsubscribe_url" in email.html
    assert email.secret_context == ""


def test_mail_that_nobody_may_do_without_offers_nothing(user, mailoutbox):
    """EM-4."""
    sent_mail(user, "reset_password", valid_days=3, action_url="https://site.example/x")
    [mail] = mailoutbox
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & set(mail.extra_headers)
    for part in (mail.body, mail.alternatives[0][0]):
        assert "unsubscribe" not in part
        assert "email-settings" not in part


@pytest.mark.parametrize("multipart", [True, False])
def test_one_click_stops_the_kind_at_once(user, stranger, multipart):
    """EM-4, RFC 8058: no sign-in, no cookie, no redirection; both encodings that it allows; twice is once."""
    options = {} if multipart else {"content_type": "application/x-www-form-urlencoded"}
    body = ONE_CLICK if multipart else "List-Unsubscribe=One-Click"
    for _ in range(2):
        answer = stranger.post(path(user), body, **options)
        assert answer.status_code == 200
        assert "These mails have stopped" in answer.content.decode()
    assert not wants(user)
    assert wants(user, Kind.REMINDER_DAY), "the other kinds go on"
    assert wants(make_user()), "and so do other people's"
    [entry] = log()
    assert (entry.metadata["way"], entry.metadata["unwanted"]) == ("link", KIND)


def test_looking_changes_nothing(user, stranger):
    """EM-4: scanners of mail follow links; the page says what the button does, and not to whom."""
    page = stranger.get(path(user)).content.decode()
    assert stranger.head(path(user)).status_code == 200
    assert "Stop these mails?" in page
    assert "Bookings that ended because they were not paid in time" in page
    assert 'name="List-Unsubscribe"' in page
    assert 'value="One-Click"' in page
    for private in (user.email, user.name, "Zo"):
        assert private not in page
    assert wants(user)
    assert not EmailChoice.objects.exists()


def test_it_can_be_undone_on_the_page(user, stranger):
    """EM-4."""
    stopped = stranger.post(path(user), ONE_CLICK).content.decode()
    assert re.search(r'name="wanted"\s+value="yes"', stopped)
    again = stranger.post(path(user), {"wanted": "yes"})
    assert (again.status_code, wants(user)) == (200, True)
    assert "You get these mails again" in again.content.decode()
    assert "These mails have stopped" not in stranger.get(path(user)).content.decode()


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Two-Clicks"}, {"wanted": "perhaps"}])
def test_a_post_that_asks_for_nothing_changes_nothing(user, stranger, body):
    """EM-4."""
    assert stranger.post(path(user), body).status_code == 400
    assert not EmailChoice.objects.exists()
    assert stranger.put(path(user)).status_code == 405


def _forged(user):
    whole = token_for(user_id=user.pk, kind=KIND)
    someone = make_user().pk.hex
    return {
        "nothing": "",
        "nonsense": "nonsense",
        "cut short": whole[:-1],
        "of another kind": whole.replace(KIND, Kind.REVIEWS),
        "of another person": whole.replace(user.pk.hex, someone),
        "signed for something else": Signer(salt="other", sep=".").sign(f"{user.pk.hex}.{KIND}"),
        "of somebody who is gone": token_for(user_id=new_id(), kind=KIND),
        "letters of all kinds": "\x00é\udcff.%00",
    }


def test_a_link_that_is_not_ours_changes_nothing(user, stranger):
    """EM-4: one clear page in the reader's language, whatever is wrong with it."""
    for why, token in _forged(user).items():
        with pytest.raises(UnsubscribeLinkError):
            read_token(token)
        if why != "letters of all kinds":
            for ask in (stranger.get, lambda address: stranger.post(address, ONE_CLICK)):
                answer = ask(f"/en/unsubscribe?token={token}")
                assert (answer.status_code, "This link does not work" in answer.content.decode()) == (
                    404,
                    True,
                ), why
    assert stranger.post("/en/unsubscribe?token=%00%ff", ONE_CLICK).status_code == 404
    french = stranger.get("/fr/unsubscribe").content.decode()
    assert "This link" not in french
    assert "does not work" not in french
    assert not EmailChoice.objects.exists()


def test_links_live_on_when_the_secret_is_changed(user, settings):
    """EM-4: people click on old mails; without the former secret, nobody's link works."""
    token = token_for(user_id=user.pk, kind=KIND)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another secret of sufficient length, for the test"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert read_token(token).user == user
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(UnsubscribeLinkError):
        read_token(token)


def test_a_mail_that_is_tried_again_carries_the_same_link(user, settings):
    """EM-2: the same bytes, so that the provider knows it again, even where the secret has changed in between."""
    with transaction.atomic():
        email = queue_email(
            template="hold_lapsed", recipient=user, dedupe_key="k", context=HELD, metadata={"booking": "b1"}
        )
    settings.EMAIL_BACKEND = "tests.integration.mail.test_unsubscribe.Broken"
    now = clock.now()
    for attempt in range(2):
        with pytest.raises(RuntimeError):
            send_email(email_id=email.pk, now=now)
        EmailLog.objects.update(claimed_until=None)
        if attempt == 0:
            former, settings.SECRET_KEY = (
                settings.SECRET_KEY,
                "another secret of sufficient length, for the test",
            )
            settings.SECRET_KEY_FALLBACKS = [former]
    first, second = Broken.seen
    assert first == second


class Broken:
    """A backend that fails after it has seen what it was given."""

    seen: list[tuple[str, str]] = []

    def __init__(self, **_options):
        pass

    def send_messages(self, messages):
        [mail] = messages
        self.seen.append((mail.body, mail.extra_headers["List-Unsubscribe"]))
        raise RuntimeError
