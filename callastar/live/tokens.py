"""Short-lived signed tokens: who may watch a private topic."""

from uuid import UUID

from django.core import signing

SALT = "callastar.live"
CALL_SALT = "callastar.live.call"
PERSON_SALT = "callastar.live.person"
MAX_AGE_SECONDS = 4 * 3600


def booking_token(booking_id: UUID) -> str:
    """A token that lets its holder watch one booking for some hours."""
    return signing.dumps(str(booking_id), salt=SALT)


def may_watch_booking(*, booking_id: str, token: str) -> bool:
    """Whether the token was made for this booking, by us, not too long ago."""
    return _is_for(booking_id, token, SALT)


def call_token(call_id: UUID) -> str:
    """A token that lets its holder watch one call for some hours."""
    return signing.dumps(str(call_id), salt=CALL_SALT)


def may_watch_call(*, call_id: str, token: str) -> bool:
    """Whether the token was made for this call, by us, not too long ago."""
    return _is_for(call_id, token, CALL_SALT)


def person_token(person_id: UUID) -> str:
    """A token that lets its holder watch for some hours whether something new waits for a person; never what."""
    return signing.dumps(str(person_id), salt=PERSON_SALT)


def watched_person(token: str) -> str:
    """The person whom a token of ours is for; empty if it is none, or too old."""
    try:
        return str(signing.loads(token, salt=PERSON_SALT, max_age=MAX_AGE_SECONDS))
    except signing.BadSignature:
        return ""


def _is_for(key: str, token: str, salt: str) -> bool:
    try:
        return bool(signing.loads(token, salt=salt, max_age=MAX_AGE_SECONDS) == key)
    except signing.BadSignature:
        return False
