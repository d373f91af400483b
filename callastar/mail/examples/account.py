"""Examples of the mails about somebody's account."""

from typing import Any

from callastar.mail import messages, texts
from callastar.mail.examples.scene import AT, FAN_ADDRESS, Makes, Scene

OLD_ADDRESS = "camille@before.example"
UNKNOWN_NOTICE = "something_new"


def account(scene: Scene) -> Makes:
    """Addresses, passwords and changes of what protects an account."""
    link = {"address": FAN_ADDRESS, "url": scene.secret_url}
    return {
        "verify_email": (messages.verify_address, {**link, "signup": False, "valid_days": 1}),
        "verify_email at sign-up": (messages.verify_address, {**link, "signup": True, "valid_days": 3}),
        "reset_password": (messages.reset_password, {**link, "valid_days": 3}),
        "email_already_used": (messages.email_already_used, {"address": FAN_ADDRESS}),
        **{f"account_notice {kind}": _notice(kind) for kind in (*texts.NOTICES, UNKNOWN_NOTICE)},
        "account_notice email_changed, to the old address": _notice("email_changed", address=OLD_ADDRESS),
    }


def _notice(kind: str, *, address: str = FAN_ADDRESS) -> tuple[Any, dict[str, Any]]:
    return messages.account_notice, {"address": address, "kind": kind, "at": AT}
