"""Examples of the mails to admins about calls and about what stands still."""

from datetime import timedelta

from callastar.mail.alert_messages import alert_admin
from callastar.mail.call_messages import call_moved_admin
from callastar.mail.examples.scene import AT, BOOKING, ROW, WRITTEN_AT, Makes, Scene
from callastar.mail.examples.summary import summary
from callastar.mail.outcome_messages import outcome_to_decide_admin
from callastar.notifications.alert_texts import ALERTS

_CALL_PAGE = f"dashboard/admin/calls/call/{BOOKING}/change/"
_SOON = timedelta(minutes=10)


def team(scene: Scene) -> Makes:
    """What an admin has to look at."""
    return {**_calls(scene), **_alerts(scene), **summary(scene)}


def _calls(scene: Scene) -> Makes:
    moved = {
        "room_id": ROW,
        "call_id": BOOKING,
        "title": scene.title,
        "starts_at": AT,
        "error": scene.error,
        "path": _CALL_PAGE,
    }
    undecided = {
        "key": str(ROW),
        "booking_id": BOOKING,
        "offer_title": scene.title,
        "creator_name": scene.creator,
        "fan_name": scene.fan,
        "starts_at": AT,
        "path": f"dashboard/admin/bookings/booking/{BOOKING}/decide/",
    }
    return {
        "call_moved_admin": (call_moved_admin, moved),
        **{
            f"outcome_to_decide_admin {why}": (
                outcome_to_decide_admin,
                {**undecided, "why": why, "said": said},
            )
            for why, said in (("technical", ""), ("unknown", ""), ("contested", scene.contested))
        },
    }


def _alerts(scene: Scene) -> Makes:
    """One for each text, each told everything that any of them names."""
    params = {
        "job": "send-reminders",
        "failures": 2,
        "error": scene.error,
        "count": 12,
        "last_at": (WRITTEN_AT - 3 * _SOON).isoformat(),
        "oldest_at": (WRITTEN_AT - _SOON).isoformat(),
        "opened_at": (WRITTEN_AT - 2 * _SOON).isoformat(),
        "over_at": WRITTEN_AT.isoformat(),
    }
    about = {"alert_id": ROW, "params": params, "path": "dashboard/admin/"}
    return {f"alert_admin {what}": (alert_admin, {**about, "what": what}) for what in ALERTS}
