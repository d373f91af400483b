"""Examples of the mails about calls that move, are asked for, waited for, reviewed, or did not go as they should."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from callastar.core.money import Currency, Money
from callastar.mail.models import EmailLog
from callastar.mail.outcome_messages import OutcomeMoney, call_outcome
from callastar.mail.request_messages import (
    call_request_accepted,
    call_request_declined,
    call_request_made,
    waiting_list_turn,
)
from callastar.mail.review_messages import review_received
from callastar.mail.schedule_messages import rescheduled

Make = tuple[Callable[..., EmailLog], dict[str, Any]]

# A name that would be noticed wherever it was taken for markup.
NAME = 'Zoé & <b>"Co"</b> O’Neil'
TITLE = f"Chanter – {NAME}"
WORDS = f"{NAME}\n1 < 2"
ROW = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0001")
BOOKING = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000")
AT = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALL, HALF, NOTHING = Money(10000, Currency.EUR), Money(5000, Currency.EUR), Money(0, Currency.EUR)
SHARE, HALF_SHARE = Money(8180, Currency.EUR), Money(4090, Currency.EUR)

_CALL = {"booking_id": BOOKING, "offer_title": TITLE, "other_name": NAME, "starts_at": AT}
_MOVED = {
    **_CALL,
    "before_at": AT + DAY,
    "original_at": AT + DAY,
    "duration_minutes": 30,
    "amount": ALL,
}
_REQUEST = {"request_id": ROW, "duration_minutes": 30}
_HELD = {
    "offer_id": ROW,
    "offer_title": TITLE,
    "creator_name": NAME,
    "starts_at": AT,
    "duration_minutes": 30,
    "price": ALL,
    "held_until": AT - DAY,
}
_TIMES = (AT, AT + DAY, AT + 2 * DAY)


def _money(**changes: Any) -> OutcomeMoney:
    """Paid, and the creator's; `changes` say what is different."""
    usual = {
        "price": ALL,
        "given_back": NOTHING,
        "due": NOTHING,
        "due_at": None,
        "share": SHARE,
        "release_at": None,
        "at_bank": False,
    }
    return OutcomeMoney(**{**usual, **changes})


_EARNED = _money(release_at=AT + 7 * DAY)
_BACK = _money(due=ALL, share=NOTHING)
_BACK_LATER = _money(due=ALL, due_at=AT + 3 * DAY, share=NOTHING)
_GIVEN_BACK = _money(given_back=ALL, share=NOTHING)
_SHARED = _money(given_back=HALF, share=HALF_SHARE, release_at=AT + 7 * DAY)
_AT_BANK = _money(at_bank=True)


def _outcome(role: str, what: str, money: OutcomeMoney, **more: Any) -> Make:
    told = {"role": role, "what": what, "key": f"example:{BOOKING}", "money": money}
    return call_outcome, {**_CALL, "object_until": AT + 3 * DAY, **told, **more}


def _decided(role: str, decision: str, money: OutcomeMoney) -> Make:
    return _outcome(role, "decided", money, object_until=None, decision=decision, answer=WORDS)


CALL_NEWS: dict[str, Make] = {
    **{
        f"rescheduled_{role}, proposed by the {by}, move {moves}": (
            rescheduled,
            {**_MOVED, "role": role, "proposed_by": by, "moves": moves, "can_move_again": moves < 2},
        )
        for role in ("fan", "creator")
        for by, moves in (("fan", 1), ("creator", 2))
    },
    "call_request_made": (
        call_request_made,
        {
            **_REQUEST,
            "fan_name": NAME,
            "times": _TIMES,
            "budget": ALL,
            "said": WORDS,
            "answer_by": AT - DAY,
            "hold_hours": 24,
            "path": "dashboard/creator/offers",
        },
    ),
    "call_request_made, in few words": (
        call_request_made,
        {
            **_REQUEST,
            "fan_name": NAME,
            "times": _TIMES[:1],
            "budget": None,
            "said": "",
            "answer_by": AT - DAY,
            "hold_hours": 1,
            "path": "dashboard/creator/offers",
        },
    ),
    **{
        f"call_request_accepted{', with words' if said else ''}": (
            call_request_accepted,
            {"request_id": ROW, **_HELD, "said": said},
        )
        for said in (WORDS, "")
    },
    **{
        f"call_request_declined{', with words' if said else ''}": (
            call_request_declined,
            {**_REQUEST, "creator_name": NAME, "creator_slug": "zoe", "times": _TIMES, "said": said},
        )
        for said in (WORDS, "")
    },
    "waiting_list_turn": (waiting_list_turn, {"turn_id": ROW, **_HELD}),
    **{
        f"review_received{', with words' if said else ''}": (
            review_received,
            {
                "review_id": ROW,
                "booking_id": BOOKING,
                "offer_title": TITLE,
                "fan_name": NAME,
                "starts_at": AT,
                "rating": 4,
                "said": said,
                "editable_until": AT + 2 * DAY,
                "path": "dashboard/creator/bookings",
            },
        )
        for said in (WORDS, "")
    },
    "outcome_fan, missed": _outcome("fan", "missed", _EARNED),
    "outcome_creator, stood up": _outcome("creator", "stood_up", _EARNED),
    "outcome_creator, stood up, paid out before": _outcome("creator", "stood_up", _money()),
    "outcome_fan, missed, given back before": _outcome("fan", "missed", _GIVEN_BACK),
    **{
        f"outcome_{role}, {what}": _outcome(role, what, money)
        for role in ("fan", "creator")
        for what, money in (
            ("nobody_came", _BACK),
            ("technical", _BACK_LATER),
            ("unknown", _money()),
            ("contested", _money()),
        )
    },
    "outcome_fan, stood up": _outcome("fan", "stood_up", _BACK),
    "outcome_creator, missed": _outcome("creator", "missed", _BACK),
    "outcome_fan, contested, refund due": _outcome("fan", "contested", _BACK_LATER),
    "outcome_creator, contested, given back": _outcome(
        "creator", "contested", _GIVEN_BACK, object_until=None
    ),
    "outcome_fan, at the bank": _outcome("fan", "stood_up", _AT_BANK),
    "outcome_creator, at the bank": _decided("creator", "held", _AT_BANK),
    "outcome_fan, decided: held": _decided("fan", "held", _EARNED),
    "outcome_creator, decided: held": _decided("creator", "held", _EARNED),
    "outcome_fan, decided: half back": _decided("fan", "technical", _SHARED),
    "outcome_creator, decided: half back": _decided("creator", "technical", _SHARED),
    "outcome_fan, decided: all back": _decided("fan", "stood_up", _GIVEN_BACK),
    "outcome_creator, decided: all back": _decided("creator", "missed", _GIVEN_BACK),
    "outcome_fan, decided: not known": _decided("fan", "unknown", _SHARED),
    "outcome_creator, decided: nobody came": _decided("creator", "nobody_came", _GIVEN_BACK),
}
