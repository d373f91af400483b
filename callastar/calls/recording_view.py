"""How the recording of a call stands, as one of its two people sees it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from callastar.accounts.models import User
from callastar.calls.models import Call, CallEvent, Recording, RecordingState
from callastar.calls.operations.consent import BOTH, consenting, is_offered
from callastar.calls.queries import sides_inside


class Stage(StrEnum):
    """What there is to say; part of the API's contract."""

    NOT_OFFERED = "not_offered"  # switched off, no room of Daily's, or over
    NOBODY = "nobody"  # nobody has agreed
    MINE = "mine"  # waiting for the other one
    THEIRS = "theirs"  # the other one waits for me
    BOTH = "both"  # it starts as soon as both are inside
    RUNNING = "running"
    TROUBLE = "trouble"  # both agreed, and the host could not do it


@dataclass(frozen=True, slots=True)
class Standing:
    """The stage, and who agrees."""

    stage: Stage
    mine: bool
    theirs: bool


def standing_of(*, call: Call, person: User, now: datetime) -> Standing:
    """How the recording of a call stands for the person."""
    agreeing = consenting(call)
    side = call.people.get(str(person.pk), "")
    return Standing(
        stage=_stage(call, side, agreeing, now),
        mine=side in agreeing,
        theirs=bool(agreeing - {side}),
    )


def _stage(call: Call, side: str, agreeing: set[str], now: datetime) -> Stage:
    if _runs(call):
        return Stage.RUNNING
    if not is_offered(call, now=now):
        return Stage.NOT_OFFERED
    if agreeing == BOTH:
        return Stage.TROUBLE if _has_trouble(call) else Stage.BOTH
    if not agreeing:
        return Stage.NOBODY
    return Stage.MINE if side in agreeing else Stage.THEIRS


def _runs(call: Call) -> bool:
    """Whether something is being recorded: nobody inside, nothing to record."""
    running = Recording.objects.filter(call=call, state=RecordingState.RUNNING)
    return running.exists() and bool(sides_inside(call))


def _has_trouble(call: Call) -> bool:
    last = CallEvent.objects.filter(call=call, kind=CallEvent.Kind.RECORDING).order_by("at", "id").last()
    return last is not None and last.details.get("what") == "trouble"


def recordings_of(call: Call) -> QuerySet[Recording]:
    """What was recorded of a call and is not deleted, in the order of recording."""
    return Recording.objects.filter(call=call).exclude(state=RecordingState.DELETED)
