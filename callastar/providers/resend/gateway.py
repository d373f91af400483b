"""Sending through Resend, or through whichever of anymail's backends `EMAIL_BACKEND` names."""

from email.mime.text import MIMEText
from typing import Any

from anymail.backends.resend import EmailBackend as AnymailResendBackend
from anymail.backends.resend import ResendPayload
from anymail.exceptions import AnymailError
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from callastar.providers.resend.errors import translate
from callastar.providers.resend.types import Attachment, OutgoingMail


class KeyedMessage(EmailMultiAlternatives):
    """A mail that a provider should accept once, however often it is handed over with this key."""

    idempotency_key: str = ""


class KeyedPayload(ResendPayload):
    """Resend reads the key from the request's own headers; anymail would put it among the mail's.

    Source: https://resend.com/docs/dashboard/emails/idempotency-keys
    """

    def get_request_params(self, api_url: str) -> dict[str, Any]:
        """The request with the key of its message."""
        params: dict[str, Any] = super().get_request_params(api_url)
        key = getattr(self.message, "idempotency_key", "")
        if key:
            params["headers"] = {**params["headers"], "Idempotency-Key": key}
        return params


class EmailBackend(AnymailResendBackend):
    """Anymail's backend for Resend, with idempotency keys."""

    def build_message_payload(self, message: EmailMessage, defaults: dict[str, Any]) -> KeyedPayload:
        """The request that carries the message."""
        return KeyedPayload(message, defaults, self)


def send(*, mail: OutgoingMail) -> str:
    """Hand a mail over; answers the provider's id for it (empty if the backend gives none).

    Raises `ProviderError`, temporary or permanent.
    """
    message = _message(mail)
    try:
        get_connection().send_messages([message])
    except AnymailError as error:
        raise translate(error) from error
    status = getattr(message, "anymail_status", None)
    return str(getattr(status, "message_id", None) or "")


def _message(mail: OutgoingMail) -> KeyedMessage:
    message = KeyedMessage(mail.subject, mail.text, mail.sender, [mail.to], reply_to=[mail.reply_to])
    message.idempotency_key = mail.idempotency_key
    message.extra_headers.update(_one_click(mail.unsubscribe_url) if mail.unsubscribe_url else {})
    message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        message.attach(_part(attachment))
    return message


def _one_click(url: str) -> dict[str, str]:
    """What mail programs show a button for. Source: RFC 8058, 3.1."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _part(attachment: Attachment) -> MIMEText:
    """A MIME part: a plain tuple would lose the parameters of its type."""
    mimetype, *params = (piece.strip() for piece in attachment.content_type.split(";"))
    part = MIMEText(attachment.content, mimetype.split("/")[1], "utf-8")
    for name, value in (param.split("=", 1) for param in params):
        part.set_param(name, value)
    part.add_header("Content-Disposition", "attachment", filename=attachment.name)
    return part
