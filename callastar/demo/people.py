"""Who can sign in to the demo: three fans, an admin and the creators, all with one password."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.db import transaction

from callastar.accounts.models import Locale, Role, User
from callastar.demo.texts import CREATORS

PASSWORD = "callastar-demo"  # noqa: S105 - printed at every start of the demo, which production refuses
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - as above


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who can sign in."""

    email: str
    name: str
    timezone: str = "Europe/Paris"
    locale: str = Locale.FR
    role: Role = Role.USER


LEA = Person(email="lea@example.com", name="Léa Martin")
OLIVER = Person(email="oliver@example.com", name="Oliver Grant", timezone="Europe/London", locale=Locale.EN)
MAYA = Person(email="maya@example.com", name="Maya Tremblay", timezone="America/Toronto")
ADMIN = Person(email="admin@example.com", name="Alex Moreau", role=Role.ADMIN)
FANS = (LEA, OLIVER, MAYA)
# They become creators by the product's own operation; until then they are people like others.
CREATOR_PEOPLE = tuple(
    Person(email=sheet.email, name=sheet.name, timezone=sheet.timezone, locale=sheet.locale)
    for sheet in CREATORS
)
PEOPLE = (*FANS, ADMIN, *CREATOR_PEOPLE)
_ROLES: Mapping[Person, str] = MappingProxyType(
    {**dict.fromkeys(FANS, "fan"), ADMIN: "admin", **dict.fromkeys(CREATOR_PEOPLE, "creator")}
)


def ensure_people() -> dict[str, User]:
    """Everybody by email; those who are missing are made, verified, the admin with a second factor."""
    found = _find()
    missing = [person for person in PEOPLE if person.email not in found]
    if missing:
        with transaction.atomic():
            _create(missing)
        found = _find()
    return found


def write_people_file(path: Path) -> None:
    """Tell programs who can sign in and how; readable by its owner only, written only when it would change."""
    text = json.dumps([_entry(person) for person in PEOPLE], indent=2, ensure_ascii=False) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _find() -> dict[str, User]:
    emails = [person.email for person in PEOPLE]
    return {user.email: user for user in User.objects.filter(email__in=emails)}


def _create(missing: Iterable[Person]) -> None:
    password = make_password(PASSWORD)  # one hash for all: it takes a tenth of a second on purpose
    for person in missing:
        user = User.objects.create(
            email=person.email,
            name=person.name,
            timezone=person.timezone,
            locale=person.locale,
            role=person.role,
            password=password,
        )
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        if person.role == Role.ADMIN and not Authenticator.objects.filter(user=user).exists():
            TOTP.activate(user, TOTP_SECRET)


def _entry(person: Person) -> dict[str, str]:
    entry = {"role": _ROLES[person], "email": person.email, "password": PASSWORD}
    return {**entry, "totp_secret": TOTP_SECRET} if person.role == Role.ADMIN else entry
