"""The mails: accepted, scheduled, sent, delivered or not, with the event of each step."""

import uuid
from collections.abc import Iterable
from typing import Any

from sandboxes.kit.app import Kit
from sandboxes.kit.store import Document
from sandboxes.resend import events
from sandboxes.resend.errors import ApiError, invalid, not_found
from sandboxes.resend.fields import test_box

SEND_AFTER_SECONDS = 0.1
DELIVER_AFTER_SECONDS = 0.6

_EMAIL = "email"
_CONTENT = "email_content"
_ATTACHMENT = "attachment_content"
_TIMER = "progress"
_REVISION = "mailbox_revision"

_FATES = {
    "delivered": ["email.sent", "email.delivered"],
    "bounced": ["email.sent", "email.bounced"],
    "complained": ["email.sent", "email.delivered", "email.complained"],
    "suppressed": ["email.suppressed"],
}


class Outbox:
    """All mails of the account; every change tells the webhooks."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._store = kit.store
        kit.timers.on(_TIMER, self._progress)

    @property
    def revision(self) -> int:
        """Grows with every change."""
        return int(self._store.setting(_REVISION, 0))

    def accept(self, mails: Iterable[dict[str, Any]]) -> list[str]:
        """Take checked mails (see fields.py), all or none; their ids in order."""
        with self._store.transaction():
            return [self._accept(mail) for mail in mails]

    def get(self, email_id: str) -> Document:
        """A mail without its content; 404 when there is none."""
        mail = self._store.get(_EMAIL, email_id)
        if mail is None:
            raise not_found("Email")
        return mail

    def content(self, email_id: str) -> Document:
        """html and text of a mail, None where it has none."""
        return self._store.get(_CONTENT, email_id) or {"html": None, "text": None}

    def attachment_content(self, attachment_id: str) -> str:
        """The bytes of an attachment in base64."""
        found = self._store.get(_ATTACHMENT, attachment_id)
        if found is None:
            raise not_found("Attachment")
        return str(found["content"])

    def newest_first(self) -> list[Document]:
        """Every mail without its content."""
        return self._store.all(_EMAIL)[::-1]

    def cancel(self, email_id: str) -> None:
        """Take a scheduled mail back."""
        mail = self._scheduled(email_id)
        self._kit.timers.cancel(email_id)
        self._save(mail | {"last_event": "canceled"})

    def reschedule(self, email_id: str, when: float) -> None:
        """Send a scheduled mail at another time."""
        mail = self._scheduled(email_id) | {"scheduled_at": when}
        with self._store.transaction():
            self._save(mail)
            self._plan(mail, list(mail["plan"]), when)

    def record(self, email_id: str, event: str) -> Document:
        """Let an event ("email.bounced") happen now, on demand: what was planned is off.

        A mail that has not left is sent first. Raises LookupError for an unknown mail, ValueError for one
        that will never leave.
        """
        mail = self._store.get(_EMAIL, email_id)
        if mail is None:
            raise LookupError(f"No email {email_id}.")
        if mail["last_event"] in ("canceled", "suppressed"):
            raise ValueError(f"The email was {mail['last_event']}.")
        with self._store.transaction():
            self._kit.timers.cancel(email_id)
            if mail["last_event"] in ("queued", "scheduled"):
                mail = self._happen(mail, "email.sent")
            return self._happen(mail, event)

    def _accept(self, mail: dict[str, Any]) -> str:
        email_id, now = str(uuid.uuid4()), self._kit.clock.now()
        content = {name: mail.pop(name) for name in ("html", "text")}
        self._store.put(_CONTENT, email_id, content)
        for attachment in mail["attachments"]:
            self._store.put(_ATTACHMENT, attachment["id"], {"content": attachment.pop("content")})
        document = mail | {
            "id": email_id,
            "message_id": f"<{email_id}@send.{mail['from'].rpartition('@')[2].rstrip('>')}>",
            "created_at": now,
            "last_event": "queued",
            "events": [],
            "plan": _fate(mail),
        }
        self._start(document, now)
        return email_id

    def _start(self, mail: Document, now: float) -> None:
        if mail["scheduled_at"] is None:
            self._save(mail)
            self._plan(mail, list(mail["plan"]), now + SEND_AFTER_SECONDS)
        else:
            mail = self._happen(mail, "email.scheduled")
            self._plan(mail, list(mail["plan"]), mail["scheduled_at"])

    def _plan(self, mail: Document, steps: list[str], when: float) -> None:
        """One timer for each mail: its next step and those after it."""
        self._kit.timers.at(when, _TIMER, {"email": mail["id"], "steps": steps}, id=mail["id"])

    def _progress(self, payload: Document) -> None:
        mail = self._store.get(_EMAIL, payload["email"])
        if mail is None:
            return
        step, *later = payload["steps"]
        with self._store.transaction():
            self._happen(mail, step)
            if later:
                self._plan(mail, later, self._kit.clock.now() + DELIVER_AFTER_SECONDS)
            else:
                self._kit.timers.cancel(mail["id"])

    def _happen(self, mail: Document, event: str) -> Document:
        now = self._kit.clock.now()
        mail = mail | {
            "last_event": event.removeprefix("email."),
            "events": [*mail["events"], {"type": event, "at": now}],
        }
        self._save(mail)
        events.publish(self._kit, mail, event, at=now)
        return mail

    def _save(self, mail: Document) -> None:
        with self._store.transaction():
            self._store.put(_EMAIL, mail["id"], mail)
            self._store.set_setting(_REVISION, self.revision + 1)

    def _scheduled(self, email_id: str) -> Document:
        mail = self.get(email_id)
        if mail["last_event"] == "canceled":
            raise invalid("Email is already canceled")
        if mail["last_event"] != "scheduled":
            raise ApiError(422, "validation_error", "Email is not scheduled")
        return mail


def _fate(mail: dict[str, Any]) -> list[str]:
    """What happens by itself: what the first test address among the recipients stands for, else delivery."""
    recipients = [*mail["to"], *mail["cc"], *mail["bcc"]]
    return _FATES[next((box for each in recipients if (box := test_box(each))), "delivered")]
