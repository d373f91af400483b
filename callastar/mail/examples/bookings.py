"""Examples of the mails about bookings: made, paid, not paid, cancelled, given back."""

from typing import Any

from callastar.core.money import Money
from callastar.mail import messages
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
    Makes,
    Scene,
)

# One of Stripe's codes for each sentence that a declined payment may be told with.
DECLINES = (
    "expired_card",
    "incorrect_cvc",
    "card_velocity_exceeded",
    "card_not_supported",
    "insufficient_funds",
    "authentication_required",
    "payment_intent_authentication_failure",
    "processing_error",
    "generic_decline",
)


def bookings(scene: Scene) -> Makes:
    """From the payment to the cancellation."""
    return {**_booked(scene), **_cancelled(scene), **_unpaid(scene)}


def _booked(scene: Scene) -> Makes:
    about = {"duration_minutes": MINUTES, "amount": ALL}
    return {
        f"booking_confirmed_{role}": (
            messages.booking_confirmed,
            {**scene.call(other), **about, "role": role},
        )
        for role, other in (("fan", scene.creator), ("creator", scene.fan))
    }


def _cancelled(scene: Scene) -> Makes:
    def mail(role: str, by: str, refund: Money, kept: Money | None) -> tuple[Any, dict[str, Any]]:
        told = scene.call(scene.creator if role == "fan" else scene.fan)
        money = {"amount": ALL, "refund": refund, "kept": kept}
        return messages.booking_cancelled, {
            **told,
            **money,
            "role": role,
            "by": by,
            "duration_minutes": MINUTES,
        }

    return {
        "booking_cancelled_fan by fan, all back": mail("fan", "fan", ALL, None),
        "booking_cancelled_fan by fan, half back": mail("fan", "fan", HALF, None),
        "booking_cancelled_fan by fan, nothing back": mail("fan", "fan", NOTHING, None),
        "booking_cancelled_fan by creator, all back": mail("fan", "creator", ALL, None),
        "booking_cancelled_fan by platform, all back": mail("fan", "platform", ALL, None),
        "booking_cancelled_creator by fan, all back": mail("creator", "fan", ALL, NOTHING),
        "booking_cancelled_creator by fan, half back": mail("creator", "fan", HALF, HALF_SHARE),
        "booking_cancelled_creator by fan, some back": mail("creator", "fan", HALF, None),
        "booking_cancelled_creator by creator, all back": mail("creator", "creator", ALL, None),
        "booking_cancelled_creator by platform, all back": mail("creator", "platform", ALL, None),
    }


def _unpaid(scene: Scene) -> Makes:
    call = {
        "booking_id": BOOKING,
        "offer_title": scene.title,
        "creator_name": scene.creator,
        "starts_at": AT,
    }
    declined = {**call, "amount": ALL, "attempt_id": "1", "hold_expires_at": AT - DAY}
    back = {**call, "refund_id": ROW, "amount": ALL}
    return {
        "hold_lapsed": (messages.hold_lapsed, {**call, "creator_slug": CREATOR_PAGE}),
        **{
            f"payment_failed {code}": (messages.payment_failed, {**declined, "reason_code": code})
            for code in DECLINES
        },
        "refunded": (messages.refunded, {**back, "late": False}),
        "refunded late": (messages.refunded, {**back, "late": True}),
    }
