"""People: who signs in, in which language and time zone."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Upper

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.core.timezones import is_time_zone, platform_zone


class Role(models.TextChoices):
    """What a person is on the platform."""

    USER = "USER"
    CREATOR = "CREATOR"
    ADMIN = "ADMIN"


class Locale(models.TextChoices):
    """Languages of the site and of the mails."""

    FR = "fr"
    EN = "en"


class UserManager(BaseUserManager["User"]):
    """Finds people by email whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save a new person; no password means one who signs in by passkey only."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person: fan, creator or member of the staff."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=8, choices=Role, default=Role.USER)
    timezone = models.CharField(max_length=64, default=platform_zone, validators=[is_time_zone])
    locale = models.CharField(max_length=2, choices=Locale, default=Locale.FR)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (
            # In capitals, as Django asks for `iexact`: sign-in finds people through it.
            models.UniqueConstraint(Upper("email"), name="one_person_per_email"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="known_role"),
            models.CheckConstraint(condition=models.Q(locale__in=Locale.values), name="known_locale"),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the platform."""
        return self.role == Role.ADMIN

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return ZoneInfo(self.timezone)
