"""The mails about calls and their rooms, to admins: as in `messages`, called in the transaction that causes them."""

from datetime import datetime
from uuid import UUID

from callastar.accounts.models import User
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email


def call_moved_admin(
    *, to: User, room_id: UUID, call_id: UUID, title: str, starts_at: datetime, error: str, path: str
) -> EmailLog:
    """To an admin: the host of a room failed with `error`, and its call moved to a built-in one."""
    return queue_email(
        template="call_moved_admin",
        recipient=to,
        dedupe_key=f"call_moved_admin:{room_id}:{to.pk}",
        context={
            "title": title,
            "starts_at": starts_at.isoformat(),
            "error": error,
            "admin_url": links.site_link(path, to.locale),
        },
        metadata={"call": str(call_id)},
    )
