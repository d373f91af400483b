"""Choosing what one gets by email, on the page of settings, over the API or by the link in a mail."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import Actor, record
from callastar.mail.kinds import Kind
from callastar.mail.models import EmailChoice


class Way(StrEnum):
    """By which way somebody has chosen."""

    SETTINGS = "settings"
    API = "api"
    LINK = "link"  # in a mail: whoever holds it, signed in or not


@transaction.atomic
def choose_emails(*, user: User, wanted: Mapping[Kind, bool], way: Way, now: datetime) -> list[Kind]:
    """Note which kinds a person wants and does not want; kinds that are not named stay. Answers those that changed.

    It counts for mails that wait already: each is asked about when it leaves.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = dict(EmailChoice.objects.filter(user=user).values_list("kind", "wanted"))
    changed = [kind for kind, value in wanted.items() if known.get(kind, True) != value]
    EmailChoice.objects.bulk_create(
        [EmailChoice(user=user, kind=kind, wanted=wanted[kind], changed_at=now) for kind in changed],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["wanted", "changed_at"],
    )
    if changed:
        _note(user, {kind: wanted[kind] for kind in changed}, way)
    return changed


def _note(user: User, chosen: Mapping[Kind, bool], way: Way) -> None:
    record(
        type="EMAIL_CHOICES_CHANGED",
        message="A person changed which mails they get",
        actor=Actor.of(user),
        way=way,
        wanted=", ".join(sorted(kind for kind, value in chosen.items() if value)),
        unwanted=", ".join(sorted(kind for kind, value in chosen.items() if not value)),
    )
