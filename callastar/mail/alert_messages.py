"""The mail that tells an admin what stands still: as in `messages`, queued in the transaction that causes it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from callastar.accounts.models import User
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email


def alert_admin(*, to: User, alert_id: UUID, what: str, params: Mapping[str, Any], path: str) -> EmailLog:
    """To an admin: what stands still, or goes on again; `what` is one of `notifications.alert_texts`.

    `params` are what that text names, as plain JSON, moments in ISO 8601. One mail for each alert, `what` and admin.
    """
    return queue_email(
        template="alert_admin",
        recipient=to,
        dedupe_key=f"alert_admin:{alert_id}:{what}:{to.pk}",
        context={
            "what": what,
            "params": dict(params),
            "is_over": what.endswith("_over"),
            "admin_url": links.site_link(path, to.locale),
        },
        metadata={"alert": str(alert_id)},
    )
