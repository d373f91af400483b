"""Links to the Express dashboard, where an account's owner sees the balance: for one use, within five minutes."""

from sandboxes.stripe import repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid
from sandboxes.stripe.wire.ids import token

_LINK, _SESSION = "login_link", "express_session"
_LINK_SECONDS = 300
_SESSION_SECONDS = 3600


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/accounts/:id/login_links"""
    account = repo.connected(ctx, call.id)
    if account["controller"]["stripe_dashboard"]["type"] != "express":
        raise invalid(
            f"Cannot create an edit link for the account {account['id']}, which is not an Express account."
        )
    if not account["details_submitted"]:
        raise invalid("Cannot create a login link for an account that has not completed onboarding.")
    secret = token(24)
    ctx.store.put(_LINK, secret, {"account": account["id"], "expires_at": ctx.now() + _LINK_SECONDS})
    return {"object": "login_link", "created": ctx.now(), "url": f"{ctx.public_url}/express/{secret}"}


def log_in(ctx: Context, secret: str) -> str:
    """Use a link up; gives the secret of an hour's session. Raises LookupError for one that is used or too old."""
    with ctx.store.transaction():
        link = ctx.store.get(_LINK, secret)
        ctx.store.delete(_LINK, secret)
    if link is None or link["expires_at"] <= ctx.now():
        raise LookupError("this link does not work any more")
    session = token(24)
    ctx.store.put(_SESSION, session, {"account": link["account"], "expires_at": ctx.now() + _SESSION_SECONDS})
    return session


def account_of(ctx: Context, session: str) -> Json:
    """The account of a session; raises LookupError once it is over, ApiError when the account is gone."""
    found = ctx.store.get(_SESSION, session)
    if found is None or found["expires_at"] <= ctx.now():
        raise LookupError("this session is over")
    return repo.connected(ctx, found["account"])
