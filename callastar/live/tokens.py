"""Short-lived signed tokens: who may watch a private topic."""

from uuid import UUID

from django.core import signing

SALT = "callastar.live"
MAX_AGE_SECONDS = 4 * 3600


def booking_token(booking_id: UUID) -> str:
    """A token that lets its holder watch one booking for some hours."""
    return signing.dumps(str(booking_id), salt=SALT)


def may_watch_booking(*, booking_id: str, token: str) -> bool:
    """Whether the token was made for this booking, by us, not too long ago."""
    try:
        return signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS) == booking_id
    except signing.BadSignature:
        return False
