"""`/api/mail/choices`: which mails one gets, of those that one may do without."""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import django_auth
from pydantic import StrictBool

from callastar.accounts.models import User
from callastar.accounts.people import person
from callastar.core import clock
from callastar.core.api.fields import ProblemOut
from callastar.mail.choices import choices_of, suppression_of
from callastar.mail.kinds import Kind, kinds_for
from callastar.mail.models import SuppressionReason
from callastar.mail.operations import Way, choose_emails
from callastar.mail.refusals import UnknownEmailKindError

router = Router(tags=["mail"], auth=django_auth)


class KindOut(Schema):
    """A kind of mail and whether it is wanted. `label` and `explanation` are in the asker's language."""

    kind: Kind
    label: str
    explanation: str
    wanted: bool


class SuppressedOut(Schema):
    """Why the address gets essential mails only, and since when."""

    reason: SuppressionReason
    since: datetime


class ChoicesOut(Schema):
    """What is chosen. `suppressed` is null while mails arrive at the address."""

    address: str
    suppressed: SuppressedOut | None
    choices: list[KindOut]


class ChoicesIn(Schema):
    """Kinds by their name, each wanted or not; what is left out stays."""

    choices: dict[str, StrictBool]


@router.get("/choices", response={200: ChoicesOut, 401: ProblemOut}, summary="Which mails I get")
def get_choices(request: HttpRequest) -> ChoicesOut:
    """The kinds of mail that the signed-in person may do without."""
    return _out(person(request))


@router.put(
    "/choices", response={200: ChoicesOut, (401, 403, 422): ProblemOut}, summary="Choose which mails I get"
)
def put_choices(request: HttpRequest, payload: ChoicesIn) -> ChoicesOut:
    """Save what is wanted; a kind that is not among one's own is refused with `email_kind_unknown`."""
    user = person(request)
    choose_emails(user=user, wanted=_named(payload.choices, user), way=Way.API, now=clock.now())
    return _out(user)


def _named(choices: Mapping[str, bool], user: User) -> dict[Kind, bool]:
    own = kinds_for(user.role)
    for name in choices:
        if name not in own:
            raise UnknownEmailKindError(kind=name)
    return {Kind(name): wanted for name, wanted in choices.items()}


def _out(user: User) -> ChoicesOut:
    suppression = suppression_of(user.email)
    return ChoicesOut(
        address=user.email,
        suppressed=SuppressedOut(reason=SuppressionReason(suppression.reason), since=suppression.created_at)
        if suppression
        else None,
        choices=[
            KindOut(kind=kind, label=str(kind.label), explanation=str(kind.explanation), wanted=wanted)
            for kind, wanted in choices_of(user).items()
        ],
    )
