"""The mails about what became of a call: as in `messages`, in the transaction that causes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from callastar.accounts.models import User
from callastar.core.money import Money
from callastar.mail import links
from callastar.mail.messages import Side
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import amount_value, booking_metadata, call_values, moment_value

Why = Literal["technical", "unknown", "contested"]
# `missed`: the reader did not come; `stood_up`: the other one did not.
Found = Literal["held", "missed", "stood_up", "nobody_came", "technical", "unknown"]
News = Found | Literal["contested", "decided"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeMoney:
    """What an outcome means for the money of a call.

    Of the `price`, `given_back` has gone back to the fan or is on its way, `due` still goes back: at `due_at` if
    nobody decides before, else at once. `share` is what then stays the creator's, and can be paid out from
    `release_at`. `at_bank`: the fan's bank has the money, and until it decides none of this happens.
    """

    price: Money
    given_back: Money
    due: Money
    due_at: datetime | None
    share: Money
    release_at: datetime | None
    at_bank: bool


def call_outcome(
    *,
    to: User,
    role: Side,
    what: News,
    key: str,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    money: OutcomeMoney,
    object_until: datetime | None,
    decision: Found | None = None,
    answer: str = "",
) -> EmailLog:
    """To one of the two: what became of their call, or that the other one objects, or what an admin decided.

    What it means for the money is in it, and until when the reader can object; `object_until` is None where they
    cannot (again). `decision` and `answer` are what was decided, and why. One mail for each `key` and side.
    """
    page = links.booking_link(booking_id, to.locale)
    return queue_email(
        template=f"outcome_{role}",
        recipient=to,
        dedupe_key=f"outcome_{role}:{key}",
        context={
            **call_values(offer_title, other_name, starts_at),
            **_money(money, is_decided=what == "decided"),
            "what": what,
            "decision": decision,
            "answer": answer,
            "until_at": moment_value(object_until),
            "object_url": f"{page}/contest",
        },
        metadata=booking_metadata(booking_id),
    )


def _money(money: OutcomeMoney, *, is_decided: bool) -> dict[str, Any]:
    """Before a decision it says what goes back yet, after it what goes back in all."""
    refund = money.given_back if is_decided else money.due
    return {
        "amount": amount_value(money.price),
        "refund": amount_value(refund) if is_decided or refund.minor else None,
        "refund_part": "all" if refund == money.price else "some" if refund.minor else "none",
        "refund_at": moment_value(money.due_at) if refund.minor else None,
        "is_given_back": money.given_back == money.price,
        "share": amount_value(money.share),
        "release_at": moment_value(money.release_at),
        "at_bank": money.at_bank,
    }


def outcome_to_decide_admin(
    *,
    to: User,
    why: Why,
    key: str,
    booking_id: UUID,
    offer_title: str,
    creator_name: str,
    fan_name: str,
    starts_at: datetime,
    said: str,
    path: str,
) -> EmailLog:
    """To an admin: what became of a call must be decided. `said` is what somebody who contests it wrote.

    One mail for each `key` and admin.
    """
    return queue_email(
        template="outcome_to_decide_admin",
        recipient=to,
        dedupe_key=f"outcome_to_decide_admin:{key}:{to.pk}",
        context={
            "why": why,
            "offer_title": offer_title,
            "creator_name": creator_name,
            "fan_name": fan_name,
            "starts_at": starts_at.isoformat(),
            "said": said,
            "admin_url": links.site_link(path, to.locale),
        },
        metadata=booking_metadata(booking_id),
    )
