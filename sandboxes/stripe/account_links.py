"""Links to the hosted onboarding: for one use, within five minutes."""

from dataclasses import dataclass

from sandboxes.stripe import accounts, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.params.rules import check_url
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid, missing
from sandboxes.stripe.wire.ids import token

_KIND = "account_link"
_SECONDS = 300


@dataclass(frozen=True)
class Visit:
    """What the onboarding page shows: the account, and where the person goes afterwards.

    ``usable`` is false for a link that was opened before or is too old: the page sends such a visitor to
    ``refresh_url``, as Stripe does.
    """

    account: Json
    return_url: str
    refresh_url: str
    usable: bool


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/account_links"""
    params = call.params
    account = repo.connected(ctx, params["account"])
    if (
        params["type"] == "account_update"
        and account["controller"]["requirement_collection"] != "application"
    ):
        message = "You cannot create `account_update` type Account Links for this account."
        raise invalid(message, param="type")
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise missing(name)
        check_url(params[name], param=name)
    secret = token(24)
    expires_at = ctx.now() + _SECONDS
    link = {
        "account": account["id"],
        "expires_at": expires_at,
        "opened": False,
        "done": False,
        "refresh_url": params["refresh_url"],
        "return_url": params["return_url"],
    }
    ctx.store.put(_KIND, secret, link)
    url = f"{ctx.public_url}/onboarding/{secret}"
    return {"object": "account_link", "created": ctx.now(), "expires_at": expires_at, "url": url}


def open_link(ctx: Context, secret: str) -> Visit:
    """Open a link, which uses it up; raises LookupError for one that never was."""
    with ctx.store.transaction():
        link = _known(ctx, secret)
        usable = not link["opened"] and ctx.now() < link["expires_at"]
        ctx.store.put(_KIND, secret, link | {"opened": True})
        account = repo.connected(ctx, link["account"])
    return Visit(account, link["return_url"], link["refresh_url"], usable)


def visit(ctx: Context, secret: str) -> Visit:
    """An opened link while its pages are filled in; raises LookupError for one that is not open."""
    link = _known(ctx, secret)
    if not link["opened"] or link["done"]:
        raise LookupError("this link is not open")
    return Visit(repo.connected(ctx, link["account"]), link["return_url"], link["refresh_url"], True)


def finish(ctx: Context, secret: str) -> str:
    """Complete the onboarding begun with an opened link; gives the address to return to.

    Raises LookupError for a link that was not opened or is finished.
    """
    with ctx.store.transaction():
        link = _known(ctx, secret)
        if not link["opened"] or link["done"]:
            raise LookupError("this link is not open")
        ctx.store.put(_KIND, secret, link | {"done": True})
        accounts.complete_onboarding(ctx, link["account"])
    return str(link["return_url"])


def _known(ctx: Context, secret: str) -> Json:
    link = ctx.store.get(_KIND, secret)
    if link is None:
        raise LookupError("there is no such link")
    return link
