"""Stripe's protocol, as Stripe's own library declares it: parameters, objects, headers, errors.

Nothing here comes from the sandbox: the library's services name each endpoint's path, parameters and answer.
"""

import inspect
import re
import sys
import types
import typing
from functools import cache
from operator import attrgetter
from typing import Any, Literal, Union
from urllib.parse import parse_qsl

import stripe
import typing_extensions

from tests.contract.json_shapes import faults
from tests.contract.stripe_shapes import CLASSES, problems
from tests.contract.validating_proxy import Exchange

_SERVICES = (
    "accounts",
    "accounts.external_accounts",
    "accounts.login_links",
    "account_links",
    "application_fees.refunds",
    "balance",
    "charges",
    "disputes",
    "events",
    "payment_intents",
    "payouts",
    "refunds",
    "transfers",
    "transfers.reversals",
)
_ERROR_TYPES = ("api_error", "card_error", "idempotency_error", "invalid_request_error")
_FORM = "application/x-www-form-urlencoded"
_OPTIONAL = (typing.NotRequired, typing_extensions.NotRequired)
_STEERING = frozenset(stripe.RequestOptions.__annotations__)
_TEXT = {"type": "string", "minLength": 1, "maxLength": 5000}
_EMAIL = {"type": "string", "pattern": r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+$", "maxLength": 512}
# https://docs.stripe.com/api/metadata
_METADATA = {
    "type": "object",
    "maxProperties": 50,
    "propertyNames": {"maxLength": 40, "pattern": r"^[^\[\]]+$"},
    "additionalProperties": {"type": "string", "maxLength": 500},
}
# https://docs.stripe.com/get-started/account/statement-descriptors: with a prefix of 2 and "* " at most 22 characters.
_SUFFIX = {"type": "string", "pattern": r"""^(?=.*[A-Za-z])[^<>\\'"*\x00-\x1f\x7f-\U0010ffff]{1,18}$"""}
_AMOUNT = {"type": "string", "pattern": r"^[1-9]\d{0,7}$"}
_VALUES: dict[str, Any] = {
    "amount": _AMOUNT,
    "application_fee_amount": _AMOUNT,
    "currency": {"type": "string", "pattern": "^[a-z]{3}$"},
    "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    "default_currency": {"type": "string", "pattern": "^[a-z]{3}$"},
    "description": {"type": "string", "maxLength": 1000},
    "email": _EMAIL,
    "limit": {"type": "string", "pattern": r"^([1-9]\d?|100)$"},
    "metadata": _METADATA,
    "receipt_email": _EMAIL,
    "refresh_url": {"type": "string", "pattern": "^https?://[^/]+"},
    "return_url": {"type": "string", "pattern": "^https?://[^/]+"},
    "statement_descriptor_suffix": _SUFFIX,
}


def violations(exchange: Exchange) -> list[str]:
    """Everything that request and answer do otherwise than Stripe says."""
    return [*_request(exchange), *_answer(exchange)]


@cache
def endpoints() -> list[tuple[str, str, str]]:
    """Each endpoint of the services: method, pattern of its path, name of its parameters."""
    known = stripe.StripeClient("sk_unused").v1
    found = []
    for service in (type(attrgetter(name)(known)) for name in _SERVICES):
        for name, method in vars(service).items():
            if not name.startswith("_") and not name.endswith("_async"):
                verb, path = re.findall(r'_request\(\s*"(\w+)",\s*"([^"]+)"', inspect.getsource(method))[0]
                params = typing.get_args(method.__annotations__["params"])
                parameters = params[0].__forward_arg__ if params else method.__annotations__["params"]
                found.append((verb.upper(), re.sub(r"\{\w+\}", "[^/]+", path), parameters))
    return found


def parse_form(text: str) -> dict[str, Any]:
    """Form fields with brackets as nested values: `expand[0]=a`, `transfer_data[destination]=acct_1`."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *above, last = re.findall(r"[^\[\]]+", name)
        node = tree
        for part in above:
            node = node.setdefault(part, {})
        node[last] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(each) for name, each in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner


def _request(exchange: Exchange) -> list[str]:
    return [
        *_request_headers(exchange),
        *_parameters(exchange),
    ]


def _request_headers(exchange: Exchange) -> list[str]:
    headers, found = exchange.request_headers, []
    if not re.fullmatch(r"Bearer sk_\w+", headers.get("authorization", "")):
        found.append("Authorization is not a secret key")
    if headers.get("stripe-version") != stripe.api_version:
        found.append(f"Stripe-Version is {headers.get('stripe-version')}")
    if exchange.method == "POST":
        if not 1 <= len(headers.get("idempotency-key", "")) <= 255:
            found.append("no Idempotency-Key of at most 255 characters")
        if headers.get("content-type") != _FORM:
            found.append(f"Content-Type is {headers.get('content-type')}")
    elif exchange.request_body:
        found.append("a body without POST")
    return found


def _parameters(exchange: Exchange) -> list[str]:
    declared = [
        name
        for method, pattern, name in endpoints()
        if method == exchange.method and re.fullmatch(pattern, exchange.path)
    ]
    if not declared:
        return ["Stripe's library knows no such endpoint"]
    sent = parse_form(exchange.request_body.decode() if exchange.method == "POST" else exchange.query)
    if exchange.method == "POST" and exchange.query:
        return ["parameters of a POST in its query"]
    found = faults(sent, _schema_of(declared[0]), at="parameters")
    if not found and int(sent.get("application_fee_amount", 0)) > int(sent.get("amount", 0)):
        found.append("application_fee_amount above amount")
    return found


@cache
def _schema_of(name: str) -> dict[str, Any]:
    schema = _schema(getattr(stripe.params, name))
    for value, rule in _VALUES.items():
        if value in schema["properties"]:
            schema["properties"][value] = rule
    return schema


def _schema(hint: Any) -> dict[str, Any]:
    """What the form's text must be for a declared type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (*_OPTIONAL, typing.Required, typing_extensions.Required):
        return _schema(arguments[0])
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(each) for each in _closed_choice(arguments)]}
    if origin in (Literal, typing_extensions.Literal):
        return {"enum": [str(each) for each in arguments]}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0])}
    if typing_extensions.is_typeddict(hint):
        return _object(hint)
    scalars = {
        int: {"type": "string", "pattern": r"^-?\d+$"},
        bool: {"enum": ["true", "false"]},
        float: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        str: _TEXT,
    }
    return scalars.get(hint, _METADATA)


def _closed_choice(members: tuple[Any, ...]) -> list[Any]:
    """An enumeration is declared open (`Literal[...] | str`); the service itself keeps it closed."""
    words = [each for each in members if typing.get_origin(each) in (Literal, typing_extensions.Literal)]
    closed = any(word for each in words for word in typing.get_args(each))
    return [each for each in members if not (closed and each is str)]


def _object(declared: type) -> dict[str, Any]:
    own = {name: hint for name, hint in declared.__annotations__.items() if name not in _STEERING}
    bare = type(declared.__name__, (), {"__annotations__": own})
    hints = typing_extensions.get_type_hints(
        bare, vars(sys.modules[declared.__module__]), include_extras=True
    )
    return {
        "type": "object",
        "properties": {name: _schema(hint) for name, hint in hints.items()},
        "required": [name for name, hint in hints.items() if typing.get_origin(hint) not in _OPTIONAL],
        "additionalProperties": False,
    }


def _answer(exchange: Exchange) -> list[str]:
    headers, found = exchange.response_headers, []
    if not headers.get("request-id", "").startswith("req_"):
        found.append("answer: no Request-Id")
    if headers.get("stripe-version") != exchange.request_headers.get("stripe-version"):
        found.append("answer: Stripe-Version is not echoed")
    if not headers.get("content-type", "").startswith("application/json"):
        return [*found, f"answer: Content-Type is {headers.get('content-type')}"]
    body = exchange.response_json
    if exchange.status >= 400:
        return found + _error(exchange.status, body)
    if exchange.status != 200:
        found.append(f"answer: status {exchange.status}")
    return found + _objects(exchange, body)


def _error(status: int, body: Any) -> list[str]:
    whole = {"type": "object", "properties": {"error": _ERROR}, "required": ["error"]}
    found = faults(body, whole | {"additionalProperties": False}, at="error")
    if not found and (body["error"]["type"] == "card_error") != (status == 402):
        found.append(f"error: {body['error']['type']} with {status}")
    intent = body.get("error", {}).get("payment_intent")
    return found + (problems(intent) if intent else [])


_ERROR = {
    "type": "object",
    "properties": {
        "type": {"enum": list(_ERROR_TYPES)},
        "payment_intent": {"type": "object"},
        "payment_method": {"type": "object"},
        **{
            name: {"type": "string"}
            for name in (
                "advice_code",
                "charge",
                "code",
                "decline_code",
                "doc_url",
                "message",
                "network_decline_code",
                "param",
                "request_log_url",
            )
        },
    },
    "required": ["type", "message"],
    "additionalProperties": False,
}


def _objects(exchange: Exchange, body: Any) -> list[str]:
    asked = parse_form(exchange.query if exchange.method == "GET" else exchange.request_body.decode())
    expanded = asked.get("expand", [])
    if body.get("object") != "list":
        return _document(body, expanded)
    found = faults(body, _LIST, at="list")
    if body.get("url") != exchange.path:
        found.append(f"list: url is {body.get('url')}")
    below = [path.removeprefix("data.") for path in expanded]
    return found + [each for document in body["data"] for each in _document(document, below)]


def _document(document: dict[str, Any], expanded: list[str]) -> list[str]:
    found = problems(document) + _unheard_of(document) + _wrongly_expanded(document, expanded)
    if document["object"] == "event":
        carried = document["data"]["object"]
        found += problems(carried) + _unheard_of(carried) + _wrongly_expanded(carried, [])
    return found


def _unheard_of(document: dict[str, Any]) -> list[str]:
    """Keys that the library's class does not declare: the real service does not send them."""
    declared = CLASSES[document["object"]].__annotations__
    return [f"{document['object']}.{name} is not declared" for name in document if name not in declared]


_LIST = {
    "type": "object",
    "properties": {
        "object": {"const": "list"},
        "url": {"type": "string"},
        "has_more": {"type": "boolean"},
        "data": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["object", "url", "has_more", "data"],
    "additionalProperties": False,
}


def _wrongly_expanded(document: dict[str, Any], expanded: list[str]) -> list[str]:
    """Objects where an id belongs, and ids where an object was asked for."""
    found = []
    for name, hint in CLASSES[document["object"]].__annotations__.items():
        value, wanted = document.get(name), [path for path in expanded if path.split(".")[0] == name]
        if not _is_reference(hint) or value is None:
            continue
        if isinstance(value, dict) != bool(wanted):
            found.append(f"{document['object']}.{name} is {'' if wanted else 'wrongly '}to be expanded")
        elif wanted:
            below = [path.split(".", 1)[1] for path in wanted if "." in path]
            found += _wrongly_expanded(value, below)
    return found


def _is_reference(hint: Any) -> bool:
    """Whether it is an id or, expanded, the object: `Union[str, ForwardRef("Charge")]`."""
    members = typing.get_args(hint)
    return str in members and any(isinstance(each, typing.ForwardRef) for each in members)
