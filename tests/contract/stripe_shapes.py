"""What an object of Stripe's must look like: the keys that are never left out, and the types of Stripe's library."""

import json
import types
import typing
from pathlib import Path
from typing import Any, ForwardRef, Literal, Union

import stripe
import typing_extensions

_DATA = Path(__file__).parent / "data"
ALWAYS_PRESENT: dict[str, dict[str, bool]] = json.loads((_DATA / "stripe-always-present.json").read_text())
FIXTURES: dict[str, Any] = json.loads((_DATA / "stripe-fixtures.json").read_text())
CLASSES: dict[str, Any] = {
    "account": stripe.Account,
    "account_link": stripe.AccountLink,
    "application_fee": stripe.ApplicationFee,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "bank_account": stripe.BankAccount,
    "charge": stripe.Charge,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "fee_refund": stripe.ApplicationFeeRefund,
    "login_link": stripe.LoginLink,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
_PARTS = {
    "account": [("Account.Requirements", "requirements")],
    "charge": [("Charge.PaymentMethodDetails.Card", "payment_method_details.card")],
    "dispute": [("Dispute.EvidenceDetails", "evidence_details")],
}


def problems(document: dict[str, Any]) -> list[str]:
    """Everything that is wrong with an object, and with the objects inside it."""
    kind = document["object"]
    found = _missing(document, _table_name(kind))
    for table, path in _PARTS.get(kind, []):
        part = _at(document, path)
        found += _missing(part, table) if part is not None else []
    return found + _mistyped(document, CLASSES[kind], kind) + _unlike_fixture(document, kind)


def _table_name(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = (document or {}).get(name)
    return document


def _missing(document: dict[str, Any], table: str) -> list[str]:
    rules = ALWAYS_PRESENT.get(table, {})
    absent = [f"{table}.{name} is missing" for name in rules if name not in document]
    empty = [name for name, nullable in rules.items() if not nullable and document.get(name, 0) is None]
    return absent + [f"{table}.{name} is null" for name in empty]


def _unlike_fixture(document: dict[str, Any], kind: str) -> list[str]:
    fixture = FIXTURES.get(kind, {})
    both = [name for name in fixture if fixture[name] is not None and document.get(name) is not None]
    return [
        f"{kind}.{name} is {type(document[name]).__name__}, not {type(fixture[name]).__name__}"
        for name in both
        if type(document[name]) is not type(fixture[name])
        and not _is_reference(document[name], fixture[name])
    ]


def _is_reference(value: Any, other: Any) -> bool:
    """An id where the other has the object, or the other way round."""
    return {type(value), type(other)} == {str, dict}


def _mistyped(document: dict[str, Any], declared: type, at: str) -> list[str]:
    found = []
    for name, hint in declared.__annotations__.items():
        if name.startswith("_") or typing.get_origin(hint) is typing.ClassVar or name == "deleted":
            continue
        if name not in document:
            if not _may_be_absent(hint):
                found.append(f"{at}.{name} is missing")
        elif not _fits(document[name], hint):
            found.append(f"{at}.{name} does not fit: {document[name]!r}")
        else:
            found += _inside(document[name], hint, f"{at}.{name}")
    return found


def _inside(value: Any, hint: Any, at: str) -> list[str]:
    """The problems of nested objects of a known class."""
    if isinstance(value, list):
        items = next(
            (typing.get_args(each)[0] for each in _members(hint) if typing.get_origin(each) is list), None
        )
        return [each for item in value for each in _inside(item, items, at)] if items else []
    nested = [each for each in _members(hint) if _is_class(each)]
    if not isinstance(value, dict) or not nested:
        return []
    return _mistyped(value, nested[0], at)


def _may_be_absent(hint: Any) -> bool:
    return type(None) in _members(hint) or typing.get_origin(hint) in (
        typing.NotRequired,
        typing_extensions.NotRequired,
    )


def _members(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (Union, types.UnionType) else (hint,)


def _is_class(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, stripe.StripeObject)


def _fits(value: Any, hint: Any) -> bool:
    members = _members(hint)
    words = [word for each in members if _is_literal(each) for word in typing.get_args(each)]
    if words and isinstance(value, str):
        return value in words
    return any(_fits_one(value, each) for each in members)


def _is_literal(hint: Any) -> bool:
    return typing.get_origin(hint) in (Literal, typing_extensions.Literal)


def _fits_one(value: Any, hint: Any) -> bool:
    if hint is type(None) or value is None:
        return value is None and hint is type(None)
    if isinstance(hint, ForwardRef | str):
        return isinstance(value, dict | str)
    origin = typing.get_origin(hint)
    if origin is list:
        return isinstance(value, list) and all(_fits(each, typing.get_args(hint)[0]) for each in value)
    if origin is not None or _is_class(hint):
        return isinstance(value, dict)
    return type(value) is hint or hint is Any
