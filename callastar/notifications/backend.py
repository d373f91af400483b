"""Who is signed in, loaded together with how many notifications wait for them: the bell costs no query of its own."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from callastar.accounts.models import User
from callastar.notifications.queries import with_unread_count


class PersonBackend(AuthenticationBackend):
    """Signs people in as allauth does."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None if they are gone or may not come in any more."""
        user = with_unread_count(User.objects.filter(pk=user_id)).first()
        return user if user and self.user_can_authenticate(user) else None
