"""Examples of the mails about calls that move, are asked for, waited for, reviewed, or did not go as they should."""

from typing import Any

from callastar.mail.examples.scene import (
    ALL,
    AT,
    BOOKING,
    CREATOR_PAGE,
    DAY,
    HALF,
    HALF_SHARE,
    MINUTES,
    NOTHING,
    ROW,
    SHARE,
    Makes,
    Scene,
)
from callastar.mail.outcome_messages import OutcomeMoney, call_outcome
from callastar.mail.request_messages import (
    call_request_accepted,
    call_request_declined,
    call_request_made,
    waiting_list_turn,
)
from callastar.mail.review_messages import review_received
from callastar.mail.schedule_messages import rescheduled

Make = tuple[Any, dict[str, Any]]

_TIMES = (AT, AT + DAY, AT + 2 * DAY)


def moves(scene: Scene) -> Makes:
    """A call at another time, asked for by one and accepted by the other."""
    about = {
        "before_at": AT + DAY,
        "original_at": AT + DAY,
        "duration_minutes": MINUTES,
        "amount": ALL,
    }
    return {
        f"rescheduled_{role}, proposed by the {by}, move {number}": (
            rescheduled,
            {
                **scene.call(other),
                **about,
                "role": role,
                "proposed_by": by,
                "moves": number,
                "can_move_again": number < 2,
            },
        )
        for role, other in (("fan", scene.creator), ("creator", scene.fan))
        for by, number in (("fan", 1), ("creator", 2))
    }


def requests(scene: Scene) -> Makes:
    """Calls that fans ask for and creators grant, and those that fans wait for."""
    held = {
        "offer_id": ROW,
        "offer_title": scene.title,
        "creator_name": scene.creator,
        "starts_at": AT,
        "duration_minutes": MINUTES,
        "price": ALL,
        "held_until": AT - DAY,
    }
    asked = {
        "request_id": ROW,
        "fan_name": scene.fan,
        "duration_minutes": MINUTES,
        "answer_by": AT - DAY,
        "path": "dashboard/creator/offers",
    }
    declined = {
        "request_id": ROW,
        "duration_minutes": MINUTES,
        "creator_name": scene.creator,
        "creator_slug": CREATOR_PAGE,
        "times": _TIMES,
    }
    return {
        "call_request_made": (
            call_request_made,
            {**asked, "times": _TIMES, "budget": ALL, "said": scene.asked, "hold_hours": 24},
        ),
        "call_request_made, in few words": (
            call_request_made,
            {**asked, "times": _TIMES[:1], "budget": None, "said": "", "hold_hours": 1},
        ),
        "call_request_accepted": (call_request_accepted, {"request_id": ROW, **held, "said": ""}),
        "call_request_accepted, with words": (
            call_request_accepted,
            {"request_id": ROW, **held, "said": scene.accepted},
        ),
        "call_request_declined": (call_request_declined, {**declined, "said": ""}),
        "call_request_declined, with words": (call_request_declined, {**declined, "said": scene.declined}),
        "waiting_list_turn": (waiting_list_turn, {"turn_id": ROW, **held}),
    }


def reviews(scene: Scene) -> Makes:
    """What fans say of a call."""
    about = {
        "review_id": ROW,
        "booking_id": BOOKING,
        "offer_title": scene.title,
        "fan_name": scene.fan,
        "starts_at": AT,
        "editable_until": AT + 2 * DAY,
        "path": "dashboard/creator/bookings",
    }
    return {
        "review_received": (review_received, {**about, "rating": 4, "said": ""}),
        "review_received, with words": (review_received, {**about, "rating": 5, "said": scene.reviewed}),
    }


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


def outcomes(scene: Scene) -> Makes:
    """What became of a call, where somebody was missing, something did not work, or people do not agree."""

    def outcome(role: str, what: str, money: OutcomeMoney, **more: Any) -> Make:
        call = scene.call(scene.creator if role == "fan" else scene.fan)
        told = {"role": role, "what": what, "key": f"example:{BOOKING}", "money": money}
        return call_outcome, {**call, "object_until": AT + 3 * DAY, **told, **more}

    def decided(role: str, decision: str, money: OutcomeMoney) -> Make:
        said = {"decision": decision, "answer": scene.decided}
        return outcome(role, "decided", money, object_until=None, **said)

    return {
        "outcome_fan, missed": outcome("fan", "missed", _EARNED),
        "outcome_creator, stood up": outcome("creator", "stood_up", _EARNED),
        "outcome_creator, stood up, paid out before": outcome("creator", "stood_up", _money()),
        "outcome_fan, missed, given back before": outcome("fan", "missed", _GIVEN_BACK),
        **{
            f"outcome_{role}, {what}": outcome(role, what, money)
            for role in ("fan", "creator")
            for what, money in (
                ("nobody_came", _BACK),
                ("technical", _BACK_LATER),
                ("unknown", _money()),
                ("contested", _money()),
            )
        },
        "outcome_fan, stood up": outcome("fan", "stood_up", _BACK),
        "outcome_creator, missed": outcome("creator", "missed", _BACK),
        "outcome_fan, contested, refund due": outcome("fan", "contested", _BACK_LATER),
        "outcome_creator, contested, given back": outcome(
            "creator", "contested", _GIVEN_BACK, object_until=None
        ),
        "outcome_fan, at the bank": outcome("fan", "stood_up", _AT_BANK),
        "outcome_creator, at the bank": decided("creator", "held", _AT_BANK),
        "outcome_fan, decided: held": decided("fan", "held", _EARNED),
        "outcome_creator, decided: held": decided("creator", "held", _EARNED),
        "outcome_fan, decided: half back": decided("fan", "technical", _SHARED),
        "outcome_creator, decided: half back": decided("creator", "technical", _SHARED),
        "outcome_fan, decided: all back": decided("fan", "stood_up", _GIVEN_BACK),
        "outcome_creator, decided: all back": decided("creator", "missed", _GIVEN_BACK),
        "outcome_fan, decided: not known": decided("fan", "unknown", _SHARED),
        "outcome_creator, decided: nobody came": decided("creator", "nobody_came", _GIVEN_BACK),
    }
