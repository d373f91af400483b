"""What people have chosen to get by email (NO-2); who has chosen nothing gets everything."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models.functions import Lower

from callastar.accounts.models import User
from callastar.mail.kinds import Kind, about, kinds_for
from callastar.mail.models import EmailChoice, EmailLog, Suppression

NOT_WANTED = "not_wanted"


def is_wanted(*, user_id: UUID, kind: Kind) -> bool:
    """Whether a person wants this kind of mail."""
    return not EmailChoice.objects.filter(user=user_id, kind=kind, wanted=False).exists()


def choices_of(user: User) -> Mapping[Kind, bool]:
    """Each kind that somebody in their role may get, and whether they want it."""
    chosen = dict(EmailChoice.objects.filter(user=user).values_list("kind", "wanted"))
    return {kind: chosen.get(kind, True) for kind in kinds_for(user.role)}


def unwanted_because(email: EmailLog) -> str:
    """Why its reader does not want the mail; empty if they do, or may not do without it.

    Whose account is gone wants nothing any more.
    """
    kind = about(email.template).kind
    if kind is None or (email.recipient_id and is_wanted(user_id=email.recipient_id, kind=kind)):
        return ""
    return NOT_WANTED


def suppression_of(address: str) -> Suppression | None:
    """Why an address gets essential mails only, if that is so."""
    return Suppression.objects.alias(lower=Lower("address")).filter(lower=address.lower()).first()
