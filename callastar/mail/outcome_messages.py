"""The mail about a call whose outcome an admin must decide: as in `messages`, in the transaction that causes it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from callastar.accounts.models import User
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import booking_metadata

Why = Literal["technical", "unknown", "contested"]


def outcome_to_decide_admin(
    *,
    to: User,
    why: Why,
    key: str,
    booking_id: UUID,
    offer_title: str,
    creator_name: str,
    fan_name: str,
    starts_at: datetime,
    said: str,
    path: str,
) -> EmailLog:
    """To an admin: what became of a call must be decided. `said` is what somebody who contests it wrote.

    One mail for each `key` and admin.
    """
    return queue_email(
        template="outcome_to_decide_admin",
        recipient=to,
        dedupe_key=f"outcome_to_decide_admin:{key}:{to.pk}",
        context={
            "why": why,
            "offer_title": offer_title,
            "creator_name": creator_name,
            "fan_name": fan_name,
            "starts_at": starts_at.isoformat(),
            "said": said,
            "admin_url": links.site_link(path, to.locale),
        },
        metadata=booking_metadata(booking_id),
    )
