"""Links that carry a secret: encrypted while their mail waits, masked in the copy that stays."""

import base64
import html
import json
from collections.abc import Iterable, Mapping

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

_PURPOSE = "callastar.mail.sealing"


def seal(secrets: Mapping[str, str]) -> str:
    """Encrypt named links; nothing gives an empty text."""
    return _fernet().encrypt(json.dumps(secrets).encode()).decode() if secrets else ""


def unseal(sealed: str) -> dict[str, str]:
    """The links again; raises `cryptography.fernet.InvalidToken` when no key of ours made them."""
    return dict(json.loads(_fernet().decrypt(sealed.encode()))) if sealed else {}


def masks(names: Iterable[str]) -> dict[str, str]:
    """What stands for each link in the stored copy: an address that leads to the site's front page."""
    return {name: f"{settings.SITE_URL}/#hidden-{name}" for name in names}


def reveal_text(text: str, secrets: Mapping[str, str]) -> str:
    """Put the links in the place of their masks."""
    for name, mask in masks(secrets).items():
        text = text.replace(mask, secrets[name])
    return text


def reveal_html(markup: str, secrets: Mapping[str, str]) -> str:
    """The same in HTML, where an address is escaped."""
    return reveal_text(markup, {name: html.escape(link) for name, link in secrets.items()})


def _fernet() -> MultiFernet:
    """Keys derived from the site's secrets, so that a rotated one still opens what waits."""
    return MultiFernet(
        [Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac(_PURPOSE, "", secret=secret, algorithm="sha256").digest())
