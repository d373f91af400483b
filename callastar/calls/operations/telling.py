"""Who is told about rooms; in the transaction that causes it."""

from datetime import datetime

from callastar.accounts.models import Role, User
from callastar.calls.models import Call, Room
from callastar.mail.call_messages import call_moved_admin
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify_admins


def call_moved(*, call: Call, room: Room, now: datetime) -> None:
    """The host of a room failed and the call moved to a built-in one: admins are told, once of each room."""
    path = f"dashboard/admin/calls/call/{call.pk}/change/"
    notify_admins(
        type=NotificationType.SYSTEM,
        params={"variant": "call_moved", "title": call.title, "error": room.last_error or "–"},
        link=path,
        dedupe_key=f"call_moved:{room.pk}",
        now=now,
    )
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk"):
        call_moved_admin(
            to=admin,
            room_id=room.pk,
            call_id=call.pk,
            title=call.title,
            starts_at=call.starts_at,
            error=room.last_error,
            path=path,
        )
