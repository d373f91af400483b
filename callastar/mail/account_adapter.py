"""allauth's mails go through the email log, in the recipient's language, with links from `SITE_URL`."""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from callastar.accounts.models import User
from callastar.core import clock
from callastar.mail import links, messages

_DAY = timedelta(days=1)


class MailAccountAdapter(DefaultAccountAdapter):
    """The accounts' adapter, with its mails written down before they are sent."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write down the mail that allauth asks for; nobody is told where no account stands behind the address."""
        user = context.get("user") or _owner(email)
        if user is None:
            return
        kind = template_prefix.rsplit("/", 1)[-1]
        with transaction.atomic():
            if kind in _SENDERS:
                _SENDERS[kind](user, email, context)
            else:
                _notice(user, email, kind, context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """A notice to its user, also at an address that is no longer theirs."""
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)


def _owner(email: str) -> User | None:
    known = (
        EmailAddress.objects.filter(email__iexact=email).order_by("-verified").select_related("user").first()
    )
    return known.user if known else User.objects.filter(email__iexact=email).first()


def _verify_at_signup(user: User, email: str, context: dict[str, Any]) -> None:
    _verify(user, email, context["key"], signup=True)


def _verify_new_address(user: User, email: str, context: dict[str, Any]) -> None:
    _verify(user, email, context["key"], signup=False)


def _verify(user: User, email: str, key: str, *, signup: bool) -> None:
    messages.verify_address(
        to=user,
        address=email,
        url=links.named_link("account_confirm_email", user.locale, key=key),
        signup=signup,
        valid_days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS,
    )


def _reset(user: User, email: str, context: dict[str, Any]) -> None:
    url = links.named_link(
        "account_reset_password_from_key", user.locale, uidb36=context["uid"], key=context["key"]
    )
    valid_days = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) // _DAY
    messages.reset_password(to=user, address=email, url=url, valid_days=valid_days)


def _already_used(user: User, email: str, _context: dict[str, Any]) -> None:
    messages.email_already_used(to=user, address=email)


def _notice(user: User, email: str, kind: str, context: dict[str, Any]) -> None:
    messages.account_notice(to=user, address=email, kind=kind, at=context.get("timestamp") or clock.now())


_SENDERS = {
    "email_confirmation_signup": _verify_at_signup,
    "email_confirmation": _verify_new_address,
    "password_reset_key": _reset,
    "account_already_exists": _already_used,
}
