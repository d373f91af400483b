"""Writes of the accounts. Signing in, passwords and second factors are allauth's."""

from callastar.accounts.models import User
from callastar.audit.operations import Actor, record


def update_profile(*, user: User, name: str, timezone: str, locale: str) -> None:
    """Save what a person says about themselves; times and mails follow."""
    wanted = {"name": name, "timezone": timezone, "locale": locale}
    before = User.objects.values(*wanted).get(pk=user.pk)
    changed = sorted(field for field, value in wanted.items() if before[field] != value)
    if not changed:
        return
    for field, value in wanted.items():
        setattr(user, field, value)
    user.save(update_fields=changed)
    record(
        type="PROFILE_UPDATED",
        message="A person changed their profile",
        actor=Actor.of(user),
        fields=", ".join(changed),
    )
