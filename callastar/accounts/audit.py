"""What happens at the door goes to the system log, from the signals that Django and allauth offer for it.

No address, password or code is written: an account is named by its id.
"""

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from django.contrib.auth import signals as auth_signals

from callastar.accounts.models import User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record


def connect() -> None:
    """Listen to the libraries; called once, when the app is ready."""
    auth_signals.user_logged_in.connect(_logged_in, dispatch_uid="audit")
    auth_signals.user_logged_out.connect(_logged_out, dispatch_uid="audit")
    auth_signals.user_login_failed.connect(_login_failed, dispatch_uid="audit")
    mfa_signals.authentication_failed.connect(_second_factor_failed, dispatch_uid="audit")
    for signal, (type, message) in _PLAIN.items():
        signal.connect(_recorder(type, message), dispatch_uid=f"audit-{type}", weak=False)


_PLAIN = {
    account_signals.user_signed_up: ("USER_SIGNED_UP", "A person signed up"),
    account_signals.password_changed: ("PASSWORD_CHANGED", "A person changed their password"),
    account_signals.password_set: ("PASSWORD_CHANGED", "A person set their first password"),
    account_signals.password_reset: ("PASSWORD_CHANGED", "A person reset their password"),
    account_signals.email_changed: ("EMAIL_CHANGED", "A person changed their email address"),
    mfa_signals.authenticator_added: ("SECOND_FACTOR_ADDED", "A person added a second factor"),
    mfa_signals.authenticator_removed: ("SECOND_FACTOR_REMOVED", "A person removed a second factor"),
    mfa_signals.authenticator_reset: ("SECOND_FACTOR_RESET", "A person renewed their recovery codes"),
}


def _recorder(type: str, message: str) -> Any:
    def note(sender: Any, user: User, **_kwargs: Any) -> None:
        record(type=type, message=message, actor=Actor.of(user))

    return note


def _logged_in(sender: Any, user: User, **_kwargs: Any) -> None:
    record(type="USER_LOGIN", message="A person signed in", actor=Actor.of(user))


def _logged_out(sender: Any, user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        record(type="USER_LOGOUT", message="A person signed out", actor=Actor.of(user))


def _login_failed(sender: Any, credentials: dict[str, Any], **_kwargs: Any) -> None:
    email = credentials.get("email") or credentials.get("username") or ""
    user = User.objects.filter(email__iexact=email).first()
    _note_failure("Somebody failed to sign in", user, "password")


def _second_factor_failed(sender: Any, user: User, **_kwargs: Any) -> None:
    _note_failure("A second factor was refused", user, "second factor")


def _note_failure(message: str, user: User | None, step: str) -> None:
    record(
        type="LOGIN_FAILED",
        message=message,
        actor=Actor.of(None),
        level=Level.WARNING,
        step=step,
        account=user.pk if user else "unknown",
    )
