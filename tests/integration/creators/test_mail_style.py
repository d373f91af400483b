"""A creator's own words and colour, from the form to the mails of their calls (EM-4)."""

from datetime import timedelta

import pytest
from django.test import Client

from callastar.audit.models import LogEntry
from callastar.bookings import mails
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.rules import Reminder
from callastar.core import clock
from callastar.creators.models import Creator, MailStyle
from callastar.creators.queries import mail_style
from callastar.mail.models import EmailLog
from callastar.mail.rendering import render
from tests import bookings
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db

PAGE, PREVIEW = "/en/dashboard/creator/mails", "/en/dashboard/creator/mails/preview"
FORM = {
    "accent": "#E11D48",
    "welcome": "Salut {fan_name}",
    "signature": "Love,\r\nZoé",
    "confirmation_text": "On {date} at {time}.\r\n\r\n<b>{duration}</b> about {call_title}",
    "reminder_text": "Soon, {fan_name}!",
}


@pytest.fixture
def star(client: Client) -> Creator:
    creator = make_creator(user=make_user(name="Zoé", locale="en"))
    client.force_login(creator.user)
    return creator


def test_what_is_saved_is_in_the_mails_to_fans(client: Client, star: Creator) -> None:
    """EM-4: in the fan's language and zone; the creator's own mails are the platform's."""
    assert mail_style(star) is None
    answer = client.post(PAGE, FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    style = mail_style(star)
    assert style == {
        "accent": "#e11d48",
        "welcome": "Salut {fan_name}",
        "signature": "Love,\nZoé",
        "confirmation_text": "On {date} at {time}.\n\n<b>{duration}</b> about {call_title}",
        "reminder_text": "Soon, {fan_name}!",
        "creator_name": "Zoé",
    }
    entry = LogEntry.objects.get(type="MAIL_STYLE_CHANGED")
    assert entry.actor_id == star.user_id
    assert "welcome" in entry.metadata["changed"]
    assert "Salut" not in str(entry.metadata)

    fan = make_user(name="Noa", locale="fr", timezone="Asia/Tokyo")
    booking = bookings.confirmed(make_offer(creator=star, title="Aria"), fan)
    to_fan = EmailLog.objects.get(template="booking_confirmed_fan")
    to_creator = EmailLog.objects.get(template="booking_confirmed_creator")
    assert to_fan.context["style"] == style
    assert not to_creator.context.get("style")
    render(to_fan, now=clock.now())
    assert "Salut Noa\n" in to_fan.text
    assert "(heure de Tokyo).\n\n<b>30 minutes</b> about Aria" in to_fan.text
    assert "Love,\nZoé\n" in to_fan.text
    assert "&lt;b&gt;30 minutes&lt;/b&gt; about Aria" in to_fan.html
    assert "#e11d48" in to_fan.html
    assert str(booking.pk) in to_fan.text


def test_every_mail_to_a_fan_carries_it(star: Creator) -> None:
    """EM-4: whatever became of the booking."""
    MailStyle.objects.create(creator=star, accent="#00ff00")
    fan, other = make_user(), make_user()
    bookings.declined(make_offer(creator=star), fan)
    bookings.lapsed(make_offer(creator=star), fan)
    booking = bookings.confirmed(make_offer(creator=star), fan)
    mails.reminder(booking=booking, kind=Reminder.DAY)
    cancel_booking(booking_id=booking.pk, person=star.user, now=clock.now())
    late = bookings.paid_too_late(make_offer(creator=star), fan, other)
    mails.refunded(booking=late, refund=late.payment.refunds.get(), late=True)
    to_fans = EmailLog.objects.filter(recipient__in=(fan, other))
    assert set(to_fans.values_list("template", flat=True)) == {
        "payment_failed",
        "hold_lapsed",
        "booking_confirmed_fan",
        "reminder_24h_fan",
        "booking_cancelled_fan",
        "refunded",
    }
    assert all(email.context["style"]["accent"] == "#00ff00" for email in to_fans)
    to_star = EmailLog.objects.filter(recipient=star.user)
    assert to_star.count() >= 3
    assert not [email for email in to_star if email.context.get("style")]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (
            "confirmation_text",
            "See {you}",
            "{you} cannot be filled in here. Between braces there can be: {fan_name}",
        ),
        ("reminder_text", "See {fan_name", "{fan_name cannot be filled in here."),
        ("welcome", "At {time}", "{time} cannot be filled in here."),
        ("signature", "x" * 201, "at most 200 characters"),
        ("accent", "red;}", "Choose a colour, such as #f5c049."),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    client: Client, star: Creator, field: str, value: str, said: str
) -> None:
    """EM-4: and nothing is kept of the rest."""
    answer = client.post(PAGE, {**FORM, field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MailStyle.objects.exists()
    assert not LogEntry.objects.filter(type="MAIL_STYLE_CHANGED").exists()


def test_saving_the_same_again_and_nothing_changes_nothing(client: Client, star: Creator) -> None:
    """The colour that the form proposes is the platform's: to save the form as it comes is to choose nothing."""
    client.post(PAGE, {"accent": "#f5c049"})
    assert not MailStyle.objects.exists()
    client.post(PAGE, FORM)
    client.post(PAGE, FORM)
    assert LogEntry.objects.filter(type="MAIL_STYLE_CHANGED").count() == 1
    client.post(PAGE, {"accent": "#f5c049"})
    assert mail_style(star) is None


def test_the_preview_shows_what_is_being_written(client: Client, star: Creator) -> None:
    """EM-4: a real mail in a frame of this site that may do nothing, and nothing is kept."""
    written = {**FORM, "mail": "reminder_24h_fan", "language": "fr", "ground": "dark"}
    answer = client.post(PREVIEW, written)
    html = answer.content.decode()
    assert "Soon, Camille!" in html
    assert 'lang="fr"' in html
    assert "prefers-color-scheme" not in html
    assert 'href="http' not in html
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert not MailStyle.objects.exists()
    assert not EmailLog.objects.exists()

    with_mistakes = {**FORM, "confirmation_text": "See {you} <script>", "accent": "red;}", "mail": "nonsense"}
    html = client.post(PREVIEW, with_mistakes).content.decode()
    assert "See {you} &lt;script&gt;" in html
    assert "red;}" not in html


def test_the_preview_starts_with_what_is_saved(client: Client, star: Creator) -> None:
    """EM-4: and without anything saved with the platform's own."""
    assert "The Call a Star team" in client.get(PREVIEW).content.decode()
    MailStyle.objects.create(creator=star, signature="Love, Zoé")
    html = client.get(f"{PREVIEW}?mail=booking_cancelled_fan&language=en&ground=light").content.decode()
    assert "Love, Zoé" in html
    assert "Your call cannot take place" in html


def test_the_page_and_the_preview_are_for_creators(client: Client) -> None:
    """EM-4: a fan is shown how to become one."""
    client.force_login(make_user())
    for path in (PAGE, PREVIEW):
        assert client.post(path, FORM).headers["Location"] == "/en/creators/become"
    assert not MailStyle.objects.exists()


def test_a_mail_keeps_what_was_chosen_when_it_was_written(star: Creator) -> None:
    """EM-1: a retry after a change says what the first try said."""
    style = MailStyle.objects.create(creator=star, welcome="First")
    bookings.confirmed(make_offer(creator=star, starts_at=clock.now() + timedelta(days=3)), make_user())
    style.welcome = "Second"
    style.save()
    assert EmailLog.objects.get(template="booking_confirmed_fan").context["style"]["welcome"] == "First"
