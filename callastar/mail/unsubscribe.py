"""Links that stop one kind of mail without signing in: who and which kind, signed; they work for good.

RFC 8058 asks that such a link cannot be made up. It says nothing to whoever reads it but an id and a kind.
"""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core.signing import BadSignature, Signer

from callastar.accounts.models import User
from callastar.mail import links
from callastar.mail.kinds import Kind
from callastar.mail.refusals import UnsubscribeLinkError

_SALT = "callastar.mail.unsubscribe"
_BETWEEN = "."


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of mail to one person."""

    user: User
    kind: Kind


def token_for(*, user_id: UUID, kind: Kind) -> str:
    """Always the same for the same two, until the site's secret is another."""
    return _signer().sign(_BETWEEN.join((user_id.hex, kind.value)))


def link_for(*, user_id: UUID, kind: Kind, locale: str) -> str:
    """The address of the page; the token is in its query, which no log of ours writes."""
    query = urlencode({"token": token_for(user_id=user_id, kind=kind)})
    return f"{links.named_link('mail:unsubscribe', locale)}?{query}"


def read_token(token: str) -> Subscription:
    """What a link is about. Raises `UnsubscribeLinkError`."""
    try:
        user_id, kind = _signer().unsign(token).split(_BETWEEN)
        return Subscription(User.objects.get(pk=UUID(user_id)), Kind(kind))
    except (BadSignature, ValueError, User.DoesNotExist):
        raise UnsubscribeLinkError from None


def _signer() -> Signer:
    """Knows the site's former secrets too, so that what was sent before they were changed still works."""
    return Signer(salt=_SALT, sep=_BETWEEN)
