"""Examples of the reminders of a call."""

from callastar.mail.examples.scene import MINUTES, Makes, Scene
from callastar.mail.reminder_messages import reminder


def reminders(scene: Scene) -> Makes:
    """A day and a quarter of an hour before, to both."""
    return {
        f"reminder_{before}_{role}": (
            reminder,
            {**scene.call(other), "before": before, "role": role, "duration_minutes": MINUTES},
        )
        for before in ("24h", "15m")
        for role, other in (("fan", scene.creator), ("creator", scene.fan))
    }
