"""``expand[]``: ids replaced by the objects they name."""

from typing import Any

from sandboxes.stripe import render, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.errors import invalid
from sandboxes.stripe.wire.lists import listing

_KIND_OF_PREFIX = {
    "pi": "payment_intent",
    "ch": "charge",
    "py": "charge",
    "txn": "balance_transaction",
    "tr": "transfer",
    "re": "refund",
    "pyr": "refund",
    "trr": "transfer_reversal",
    "fee": "application_fee",
    "fr": "fee_refund",
    "pm": "payment_method",
    "po": "payout",
    "du": "dispute",
    "ba": "bank_account",
}
_ACCOUNT_FIELDS = {"account", "destination", "on_behalf_of"}
_REFERENCES = {
    "payment_intent": "application customer latest_charge on_behalf_of payment_method payment_record review source",
    "charge": "application application_fee balance_transaction customer failure_balance_transaction on_behalf_of "
    "payment_intent review source_transfer transfer refunds",
    "refund": "balance_transaction charge failure_balance_transaction payment_intent source_transfer_reversal "
    "transfer_reversal",
    "transfer": "balance_transaction destination destination_payment source_transaction",
    "transfer_reversal": "balance_transaction destination_payment_refund source_refund transfer",
    "application_fee": "account application balance_transaction charge originating_transaction",
    "fee_refund": "balance_transaction fee",
    "balance_transaction": "source",
    "payout": "application_fee balance_transaction destination failure_balance_transaction original_payout "
    "reversed_by",
    "dispute": "charge payment_intent",
    "bank_account": "account customer",
    "payment_method": "customer",
}
EXPANDABLE = {kind: set(names.split()) for kind, names in _REFERENCES.items()}
_HASHES = {"transfer_data"}
_MAX_DEPTH = 4


def expanded(ctx: Context, account: str, document: Json, paths: list[str]) -> Json:
    """The object with what ``paths`` name put in place of ids; raises 400 for what cannot be expanded."""
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > _MAX_DEPTH:
            raise invalid(
                f"You cannot expand more than {_MAX_DEPTH} levels of a property: {path}", param="expand"
            )
        _expand(ctx, account, document, parts, path)
    return document


def _expand(ctx: Context, account: str, document: Json, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if document.get("object") == "list" and name == "data":
        for each in document["data"]:
            _expand(ctx, account, each, rest, path)
        return
    if name in _HASHES and rest:
        if document.get(name):
            _replace(ctx, account, document[name], rest, path)
        return
    if isinstance(document.get(name), dict) and document[name].get("object") == "list" and rest:
        _expand(ctx, account, document[name], rest, path)
        return
    if name not in EXPANDABLE.get(document.get("object", ""), ()):
        raise invalid(f"This property cannot be expanded ({path}).", param="expand[]")
    _replace(ctx, account, document, parts, path)


def _replace(ctx: Context, account: str, document: Json, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    value = document.get(name)
    if name == "refunds" and not value:
        value = document[name] = _refunds(ctx, account, document)
    elif isinstance(value, str):
        value = document[name] = _named(ctx, account, name, value)
    if rest and isinstance(value, dict):
        _expand(ctx, account, value, rest, path)


def _named(ctx: Context, account: str, field: str, id: str) -> Any:
    if field in _ACCOUNT_FIELDS and id.startswith("acct_"):
        return render.shown(ctx, repo.connected(ctx, id))
    if field == "application":
        return {"id": id, "object": "application", "name": "Call a Star"}
    kind = _KIND_OF_PREFIX.get(id.partition("_")[0], "")
    owner = account if repo.find(ctx, account, kind, id) else _owner(ctx, kind, id)
    return render.shown(ctx, repo.get(ctx, owner, kind, id))


def _owner(ctx: Context, kind: str, id: str) -> str:
    """Objects of a connected account that the platform may see, such as ``destination_payment``."""
    return repo.locate(ctx, kind, id)[0]


def _refunds(ctx: Context, account: str, charge: Json) -> Json:
    refunds = [each for each in repo.every(ctx, account, "refund") if each["charge"] == charge["id"]]
    return render.inside(ctx, listing(refunds[::-1], f"/v1/charges/{charge['id']}/refunds"))
