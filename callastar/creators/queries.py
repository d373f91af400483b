"""Reads of creators."""

from typing import Any

from callastar.creators.models import Creator, MailStyle

STYLE_TEXTS = ("welcome", "accent", "signature", "confirmation_text", "reminder_text")


def mail_style(creator: Creator) -> dict[str, Any] | None:
    """A creator's own words and colour for mails to their fans, as plain JSON; None: they leave it to the platform.

    A mail keeps what was chosen when it was written down: it is passed to the functions that write mails.
    """
    style = MailStyle.objects.filter(creator=creator).first()
    return style_values(style, creator_name=creator.user.name) if style else None


def style_values(style: MailStyle, *, creator_name: str) -> dict[str, Any] | None:
    """The same for a style that may not be saved yet."""
    chosen = {name: getattr(style, name) for name in STYLE_TEXTS}
    return {**chosen, "creator_name": creator_name} if any(chosen.values()) else None
