"""What creators change in the mails to their fans."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from callastar.audit.operations import Actor, record
from callastar.creators.models import Creator, MailStyle
from callastar.mail.colours import PLATFORM_ACCENT


@dataclass(frozen=True, kw_only=True, slots=True)
class StyleData:
    """A creator's own words and colour, checked; what is empty is the platform's."""

    welcome: str = ""
    accent: str = ""
    signature: str = ""
    confirmation_text: str = ""
    reminder_text: str = ""


@transaction.atomic
def set_mail_style(*, creator: Creator, style: StyleData, now: datetime) -> None:
    """Keep a creator's own words and colour for the mails that are written from now on."""
    values = asdict(style)
    if style.accent == PLATFORM_ACCENT:
        values["accent"] = ""
    before = MailStyle.objects.filter(creator=creator).values(*values).first() or asdict(StyleData())
    changed = [name for name, value in values.items() if before[name] != value]
    if not changed:
        return
    MailStyle.objects.update_or_create(creator=creator, defaults={**values, "changed_at": now})
    record(
        type="MAIL_STYLE_CHANGED",
        message="A creator changed the mails to their fans",
        actor=Actor.of(creator.user),
        changed=", ".join(changed),
    )
