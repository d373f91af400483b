"""The mail about a review: as in `messages`, in the transaction that causes it."""

from datetime import datetime
from uuid import UUID

from callastar.accounts.models import User
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import booking_metadata, call_values


def review_received(
    *,
    to: User,
    review_id: UUID,
    booking_id: UUID,
    offer_title: str,
    fan_name: str,
    starts_at: datetime,
    rating: int,
    said: str,
    editable_until: datetime,
    path: str,
) -> EmailLog:
    """To the creator: what the fan of a call gives it, 1 to 5, and writes about it (it may be empty).

    Once a review, however often its fan changes it until `editable_until`; `path` is the page on which it is answered.
    """
    return queue_email(
        template="review_received",
        recipient=to,
        dedupe_key=f"review_received:{review_id}",
        context={
            **call_values(offer_title, fan_name, starts_at),
            "rating": rating,
            "said": said,
            "editable_until": editable_until.isoformat(),
            "review_url": links.site_link(path, to.locale),
        },
        metadata={**booking_metadata(booking_id), "review": str(review_id)},
    )
