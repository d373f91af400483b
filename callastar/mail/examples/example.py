"""One example of a mail: whom it is for, and the mail itself, kept nowhere."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from callastar.accounts.models import Role, User
from callastar.mail.examples.scene import ADMIN_ADDRESS, CREATOR_ADDRESS, FAN_ADDRESS, WRITTEN_AT, Scene
from callastar.mail.models import EmailLog
from callastar.mail.operations import composing
from callastar.mail.rendering import render

OWN_WORDS = ", in the creator’s words"


class Group(models.TextChoices):
    """What a mail is about, as staff look for it."""

    ACCOUNT = "account", _("Accounts")
    BOOKINGS = "bookings", _("Bookings")
    REMINDERS = "reminders", _("Reminders")
    MOVES = "moves", _("Calls that move")
    REQUESTS = "requests", _("Requests and waiting lists")
    OUTCOMES = "outcomes", _("What became of calls")
    REVIEWS = "reviews", _("Reviews")
    PAYOUTS = "payouts", _("Payouts")
    MONEY = "money", _("Debts, disputes and refunds")
    TEAM = "team", _("To the team")


class Reader(models.TextChoices):
    """Whom a mail is for."""

    ANYBODY = "anybody", _("Everybody")
    FAN = "fan", _("Fan")
    CREATOR = "creator", _("Creator")
    ADMIN = "admin", _("Admin")


_ROLES = {Reader.CREATOR: Role.CREATOR, Reader.ADMIN: Role.ADMIN}
_ADDRESSES = {Reader.CREATOR: CREATOR_ADDRESS, Reader.ADMIN: ADMIN_ADDRESS}
_TO_FANS = {
    "hold_lapsed",
    "payment_failed",
    "refunded",
    "call_request_accepted",
    "call_request_declined",
    "waiting_list_turn",
}


@dataclass(frozen=True, kw_only=True)
class Example:
    """One mail. Its name begins with its template; `arguments` are what its function is told besides its reader."""

    name: str
    group: Group
    scene: Scene
    make: Callable[..., EmailLog]
    arguments: dict[str, Any]

    @cached_property
    def slug(self) -> str:
        """Its name in addresses."""
        return slugify(self.name)

    @cached_property
    def template(self) -> str:
        """The folder of its texts."""
        return self.name.replace(",", " ").split()[0]

    @property
    def reader(self) -> Reader:
        """Whom it is for: most templates' names end with it."""
        sides = (Reader.FAN, Reader.CREATOR, Reader.ADMIN)
        named = next((side for side in sides if self.template.endswith(f"_{side}")), None)
        if named or self.group is Group.ACCOUNT:
            return named or Reader.ANYBODY
        return Reader.FAN if self.template in _TO_FANS else Reader.CREATOR

    @property
    def can_be_styled(self) -> bool:
        """Whether a creator's colour and words are used in it."""
        return self.reader is Reader.FAN and "style" in inspect.signature(self.make).parameters

    def styled(self) -> "Example":
        """The same with the creator's colour and words."""
        arguments = {**self.arguments, "style": self.scene.style()}
        return replace(self, name=self.name + OWN_WORDS, arguments=arguments)

    def recipient(self, *, locale: str, time_zone: str) -> User:
        """Its reader, who is nobody."""
        names = {Reader.CREATOR: self.scene.creator, Reader.ADMIN: self.scene.admin}
        return User(
            name=names.get(self.reader, self.scene.fan),
            email=_ADDRESSES.get(self.reader, FAN_ADDRESS),
            role=_ROLES.get(self.reader, Role.USER),
            locale=locale,
            timezone=time_zone,
        )

    def written(self, *, to: User, **changes: Any) -> EmailLog:
        """What its function writes to somebody, not rendered yet; `changes` are to what it is told."""
        with composing() as mails:
            self.make(to=to, **{**self.arguments, **changes})
        (email,) = mails
        email.created_at = WRITTEN_AT
        return email

    def rendered(self, *, locale: str, time_zone: str, now: datetime = WRITTEN_AT) -> EmailLog:
        """The mail as it would be sent to a reader of this language and zone."""
        email = self.written(to=self.recipient(locale=locale, time_zone=time_zone))
        render(email, now=now)
        return email
