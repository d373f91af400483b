"""Examples of the reminders of a call, with and without the words of its creator."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from callastar.mail.models import EmailLog
from callastar.mail.reminder_messages import reminder

# A name that would be noticed wherever it was taken for markup.
NAME = 'Zoé & <b>"Co"</b> O’Neil'
STYLE = {
    "welcome": "",
    "accent": "#7a1f4b",
    "signature": NAME,
    "confirmation_text": "",
    "reminder_text": "{fan_name}, {date}, {time}: 1 < 2 & 3.",
    "creator_name": NAME,
}
_CALL = {
    "booking_id": UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000"),
    "offer_title": f"Chanter – {NAME}",
    "other_name": NAME,
    "starts_at": datetime(2026, 3, 3, 17, 0, tzinfo=UTC),
    "duration_minutes": 30,
}

REMINDERS: dict[str, tuple[Callable[..., EmailLog], dict[str, Any]]] = {
    f"reminder_{before}_{role}{', in their own words' if style else ''}": (
        reminder,
        {**_CALL, "before": before, "role": role, "style": style},
    )
    for before in ("24h", "15m")
    for role, style in (("fan", None), ("fan", STYLE), ("creator", None))
}
