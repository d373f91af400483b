"""Who is calling: key, account, version."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from sandboxes.stripe.context import API_VERSION, Context
from sandboxes.stripe.wire.errors import ApiError, invalid, masked, no_access

_NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using "
    "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
    "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
)
_NOT_WITH_THIS_KEY = (
    "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
    "list of your API keys at https://dashboard.stripe.com/account/apikeys."
)


@dataclass(frozen=True)
class Caller:
    """The account acted for, the key used, and whether it is the publishable one."""

    account: str
    key: str
    publishable: bool


def identify(ctx: Context, headers: Headers, form: dict[str, Any], *, publishable_allowed: bool) -> Caller:
    """The caller; raises 401, 403 or 400 as Stripe does. Takes ``key`` and ``_stripe_*`` out of the form."""
    key = _key(headers) or str(form.get("key", ""))
    for name in ("key", "_stripe_account", "_stripe_version"):
        form.pop(name, None)
    publishable = _known(ctx, key)
    if publishable and not publishable_allowed:
        raise ApiError(403, _NOT_WITH_THIS_KEY, code="secret_key_required")
    _check_version(headers)
    return Caller(_account(ctx, headers, key), key, publishable)


def _key(headers: Headers) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _known(ctx: Context, key: str) -> bool:
    """Whether the key is the publishable one; raises 401 if it is none of ours."""
    if not key:
        raise ApiError(401, _NO_KEY)
    if hmac.compare_digest(key.encode(), ctx.keys.secret.encode()):
        return False
    if hmac.compare_digest(key.encode(), ctx.keys.publishable.encode()):
        return True
    raise ApiError(401, f"Invalid API Key provided: {masked(key)}")


def _check_version(headers: Headers) -> None:
    version = headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"Invalid Stripe API version: {version}. This stand-in speaks {API_VERSION}.")


def _account(ctx: Context, headers: Headers, key: str) -> str:
    account = headers.get("stripe-account", ctx.platform)
    if account == ctx.platform:
        return account
    found = ctx.store.get("account@" + ctx.platform, account)
    if found is None or found["_deauthorized"]:
        raise no_access(key, account)
    return account
