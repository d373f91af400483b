"""From a row's template and context to what is sent: subject, HTML, plain text and attachments."""

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import mrml
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from callastar.core.storable import legible
from callastar.mail import links, unsubscribe
from callastar.mail.calendar import CallEvent, Method, calendar_file
from callastar.mail.kinds import about
from callastar.mail.models import EmailLog
from callastar.mail.sealing import masks, seal, unseal
from callastar.providers.resend.types import Attachment

SITE_NAME = "Call a Star"
SUBJECT_LENGTH = 300
UNSUBSCRIBE = "unsubscribe_url"
_BLANK_LINES = re.compile(r"\n{3,}")


def render(email: EmailLog, *, now: datetime) -> None:
    """Fill the row with what will be sent, in its recipient's language and time zone; secret links stay masked.

    A mail that its reader may do without gets a link to unsubscribe, which is kept as the other secrets are.
    """
    email.secret_context = seal({**unseal(email.secret_context), **_unsubscribe_link(email)})
    with translation.override(email.locale), timezone.override(ZoneInfo(email.time_zone)):
        context = _context(email)
        email.subject = _subject(email, context)
        email.html = _html(_part(email, "body.mjml", {**context, "subject": email.subject}))
        email.text = _tidy(_part(email, "body.txt", context))
        email.sender, email.reply_to = settings.EMAIL_FROM, settings.SUPPORT_EMAIL
        email.attachments = [asdict(attachment) for attachment in _attachments(email)]
    email.rendered_at = now


def subject_line(email: EmailLog) -> str:
    """The subject alone, of a mail that is not rendered: for lists of mails to look at."""
    with translation.override(email.locale), timezone.override(ZoneInfo(email.time_zone)):
        return _subject(email, _context(email))


def _subject(email: EmailLog, context: dict[str, Any]) -> str:
    return one_line(legible(_part(email, "subject.txt", context)))[:SUBJECT_LENGTH]


def one_line(text: str) -> str:
    """The text without line breaks: a subject is one line whatever a title holds."""
    return " ".join(text.split())


def _context(email: EmailLog) -> dict[str, Any]:
    booking_id = email.metadata.get("booking", "")
    return {
        **email.context,
        **masks(unseal(email.secret_context)),
        **_about_choices(email),
        "locale": email.locale,
        "site_name": SITE_NAME,
        "site_host": links.site_host(),
        "home_url": links.home_link(email.locale),
        "support_email": settings.SUPPORT_EMAIL,
        "call_url": links.call_link(booking_id, email.locale),
        "booking_url": links.booking_link(booking_id, email.locale),
    }


def _unsubscribe_link(email: EmailLog) -> dict[str, str]:
    kind, user_id = about(email.template).kind, email.recipient_id
    if kind is None or user_id is None:
        return {}
    return {UNSUBSCRIBE: unsubscribe.link_for(user_id=user_id, kind=kind, locale=email.locale)}


def _about_choices(email: EmailLog) -> dict[str, str]:
    """Where a reader says which mails they want; in mails that one can do without."""
    if about(email.template).kind is None:
        return {}
    return {**masks([UNSUBSCRIBE]), "settings_url": links.named_link("mail:choices", email.locale)}


def _part(email: EmailLog, name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"mail/{email.template}/{name}", context)


def _html(mjml: str) -> str:
    """HTML for real clients, of all that XML can hold.

    No font is fetched from anybody, which would tell who reads what and when.
    """
    return str(mrml.to_html(legible(mjml), render_options=mrml.RenderOptions(fonts={})).content)


def _tidy(text: str) -> str:
    lines = "\n".join(line.strip() for line in legible(text).splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip() + "\n"


def _attachments(email: EmailLog) -> list[Attachment]:
    if "invite" not in email.context:
        return []
    method = Method(email.context["invite"]["method"])
    kind = f"text/calendar; method={method}"
    return [
        Attachment(name="invite.ics", content_type=kind, content=calendar_file(_event(email), method=method))
    ]


def _event(email: EmailLog) -> CallEvent:
    booking_id, about = email.metadata["booking"], email.context
    link = links.call_link(booking_id, email.locale)
    starts_at = datetime.fromisoformat(about["starts_at"])
    return CallEvent(
        uid=links.calendar_uid(booking_id),
        sequence=about["invite"]["sequence"],
        written_at=email.created_at,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=about["duration_minutes"]),
        summary=_("Call with %(name)s – %(title)s")
        % {"name": about["other_name"], "title": about["offer_title"]},
        description=_description(about, link),
        link=link,
        organizer=settings.EMAIL_FROM,
        attendee=email.to,
        attendee_name=about["recipient_name"] or email.to,
    )


def _description(about: dict[str, Any], link: str) -> str:
    if about["invite"]["method"] == Method.CANCEL:
        return _("This call was cancelled")
    return _("Join from 15 minutes before the start: %(link)s") % {"link": link}
