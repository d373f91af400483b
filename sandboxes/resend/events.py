"""The events that webhooks carry (https://resend.com/docs/webhooks/event-types)."""

from typing import Any

from sandboxes.kit.app import Kit
from sandboxes.kit.store import Document
from sandboxes.resend.fields import address_of
from sandboxes.resend.times import iso

TYPES = frozenset(
    [
        *(f"email.{what}" for what in (
            "sent", "delivered", "delivery_delayed", "bounced", "complained", "opened", "clicked", "failed",
            "scheduled", "suppressed", "received",
        )),
        *(f"{what}.{how}" for what in ("contact", "domain") for how in ("created", "updated", "deleted")),
    ]
)  # fmt: skip

WEBHOOK = "webhook"


def publish(kit: Kit, mail: Document, event: str, *, at: float) -> None:
    """Queue the event for every enabled webhook that wants it."""
    body = {"type": event, "created_at": iso(at), "data": _data(mail, event)}
    for webhook in kit.store.all(WEBHOOK):
        if webhook["status"] == "enabled" and event in webhook["events"]:
            endpoint = {"id": webhook["id"], "url": webhook["endpoint"], "secret": webhook["signing_secret"]}
            kit.deliveries.enqueue(endpoint, body)


def _data(mail: Document, event: str) -> dict[str, Any]:
    data = {
        "email_id": mail["id"],
        "message_id": mail["message_id"],
        "created_at": iso(mail["created_at"]),
        "from": mail["from"],
        "to": mail["to"],
        "subject": mail["subject"],
    }
    if mail["tags"]:
        data["tags"] = {tag["name"]: tag["value"] for tag in mail["tags"]}
    if mail["headers"]:
        data["headers"] = [{"name": name, "value": value} for name, value in mail["headers"].items()]
    return data | _details(mail, event)


def _details(mail: Document, event: str) -> dict[str, Any]:
    diagnostics = [f"smtp; 550 5.1.1 <{address_of(each)}> user unknown" for each in mail["to"]]
    if event == "email.bounced":
        return {
            "bounce": {
                "type": "Permanent",
                "subType": "General",
                "message": "The recipient's email provider sent a hard bounce message, but didn't specify the reason "
                "for the hard bounce.",
                "diagnosticCode": diagnostics,
            }
        }
    if event == "email.suppressed":
        return {
            "suppressed": {
                "type": "OnAccountSuppressionList",
                "reason": "previous_bounce",
                "message": "Resend has suppressed sending to this address because it is on the account-level "
                "suppression list.",
                "diagnosticCode": diagnostics,
            }
        }
    return {}
