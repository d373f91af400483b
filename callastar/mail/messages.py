"""The mails: one function each. They are called in the transaction that causes them, and say what rows do not change.

Values reach the templates as plain JSON, in folders of the same names below `templates/mail`.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from callastar.accounts.models import User
from callastar.core.ids import new_id
from callastar.core.money import Money
from callastar.mail import links
from callastar.mail.calendar import Method
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import amount_value, booking_metadata, call_values, style_value

Side = Literal["fan", "creator"]
# Above any number of moves before: the highest sequence counts (RFC 5546, 2.1.5), and nothing follows a cancellation.
CANCELLATION_SEQUENCE = 1000


def booking_confirmed(
    *,
    to: User,
    role: Side,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    duration_minutes: int,
    amount: Money,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """The call is paid: what, when, with whom, the price, the call page, and an invitation for the calendar.

    `style`, here and below, is what the creator has chosen for the mails to their fans.
    """
    return queue_email(
        template=f"booking_confirmed_{role}",
        recipient=to,
        dedupe_key=f"booking_confirmed:{role}:{booking_id}",
        context={
            **call_values(offer_title, other_name, starts_at),
            "duration_minutes": duration_minutes,
            "amount": amount_value(amount),
            "invite": {"method": Method.REQUEST, "sequence": 0},
            **style_value(style),
        },
        metadata=booking_metadata(booking_id),
    )


def booking_cancelled(
    *,
    to: User,
    role: Side,
    by: Literal["fan", "creator", "platform"],
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    duration_minutes: int,
    amount: Money,
    refund: Money,
    kept: Money | None,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """The call will not take place: by whom, what the fan gets back, and a file that takes it out of the calendar.

    `amount` is the price paid, `refund` what goes back of it (zero: nothing, by the terms accepted at the booking),
    `kept` what stays the creator's; only their mail says so.
    """
    return queue_email(
        template=f"booking_cancelled_{role}",
        recipient=to,
        dedupe_key=f"booking_cancelled:{role}:{booking_id}",
        context={
            **call_values(offer_title, other_name, starts_at),
            "duration_minutes": duration_minutes,
            "by": by,
            "amount": amount_value(amount),
            "refund": amount_value(refund),
            "refund_part": "all" if refund == amount else "some" if refund.minor else "none",
            "kept": amount_value(kept) if kept and kept.minor else None,
            "invite": {"method": Method.CANCEL, "sequence": CANCELLATION_SEQUENCE},
            **style_value(style),
        },
        metadata=booking_metadata(booking_id),
    )


def hold_lapsed(
    *,
    to: User,
    booking_id: UUID,
    offer_title: str,
    creator_name: str,
    creator_slug: str,
    starts_at: datetime,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """The booking was not paid in time, the slot is free again, nothing was charged."""
    return queue_email(
        template="hold_lapsed",
        recipient=to,
        dedupe_key=f"hold_lapsed:{booking_id}",
        context={
            **call_values(offer_title, creator_name, starts_at),
            "creator_url": links.creator_link(creator_slug, to.locale),
            **style_value(style),
        },
        metadata=booking_metadata(booking_id),
        expires_at=starts_at,
    )


def payment_failed(
    *,
    to: User,
    booking_id: UUID,
    attempt_id: str,
    offer_title: str,
    creator_name: str,
    starts_at: datetime,
    amount: Money,
    reason_code: str,
    hold_expires_at: datetime,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """A payment was declined (`reason_code` is Stripe's); the slot is held until `hold_expires_at`.

    One mail for each `attempt_id`; none after the hold has ended.
    """
    return queue_email(
        template="payment_failed",
        recipient=to,
        dedupe_key=f"payment_failed:{booking_id}:{attempt_id}",
        context={
            **call_values(offer_title, creator_name, starts_at),
            "amount": amount_value(amount),
            "reason_code": reason_code,
            "hold_expires_at": hold_expires_at.isoformat(),
            **style_value(style),
        },
        metadata=booking_metadata(booking_id),
        expires_at=hold_expires_at,
    )


def refunded(
    *,
    to: User,
    booking_id: UUID,
    refund_id: UUID,
    offer_title: str,
    creator_name: str,
    starts_at: datetime,
    amount: Money,
    late: bool,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """Money goes back; `late`: the payment came after the hold had lapsed and the slot was taken, with an apology."""
    return queue_email(
        template="refunded",
        recipient=to,
        dedupe_key=f"refunded:{refund_id}",
        context={
            **call_values(offer_title, creator_name, starts_at),
            "amount": amount_value(amount),
            "late": late,
            **style_value(style),
        },
        metadata={**booking_metadata(booking_id), "refund": str(refund_id)},
    )


def verify_address(*, to: User, address: str, url: str, signup: bool, valid_days: int) -> EmailLog:
    """Confirm that `address` is theirs, at sign-up or for a new address."""
    return queue_email(
        template="verify_email",
        recipient=to,
        to=address,
        dedupe_key=f"verify_email:{new_id()}",
        context={"signup": signup, "valid_days": valid_days},
        secrets={"action_url": url},
    )


def reset_password(*, to: User, address: str, url: str, valid_days: int) -> EmailLog:
    """Choose a new password."""
    return queue_email(
        template="reset_password",
        recipient=to,
        to=address,
        dedupe_key=f"reset_password:{new_id()}",
        context={"valid_days": valid_days},
        secrets={"action_url": url},
    )


def email_already_used(*, to: User, address: str) -> EmailLog:
    """Somebody signed up with the address of an account: told to its owner, and to nobody else."""
    return queue_email(
        template="email_already_used",
        recipient=to,
        to=address,
        dedupe_key=f"email_already_used:{new_id()}",
        context={
            "action_url": links.named_link("account_login", to.locale),
            "reset_url": links.named_link("account_reset_password", to.locale),
        },
    )


def account_notice(*, to: User, address: str, kind: str, at: datetime) -> EmailLog:
    """Something about the security of the account changed; `kind` is one of `texts`.

    At an address that is no longer the account's, a new password cannot be asked for: it says to write to us.
    """
    return queue_email(
        template="account_notice",
        recipient=to,
        to=address,
        dedupe_key=f"account_notice:{new_id()}",
        context={
            "kind": kind,
            "at": at.isoformat(),
            "can_reset": address.lower() == to.email.lower(),
            "reset_url": links.named_link("account_reset_password", to.locale),
        },
    )
