"""The lists of the dashboard: which objects, which columns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandboxes.stripe import ledger, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.people.dashboard.deliveries import delivery_states
from sandboxes.stripe.people.formats import status_of


class Snapshot:
    """The sandbox during one request; what takes long is looked up once."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    @cached_property
    def delivery_states(self) -> dict[str, str]:
        """How the webhooks of each event fare."""
        return delivery_states(self.ctx)


@dataclass(frozen=True)
class Entry:
    """An object, the account that owns it, and what else there is."""

    seen: Snapshot
    account: str
    document: Json


@dataclass(frozen=True)
class Column:
    """One column: its name, how its cells look (money, status, time, link, code, text), their value."""

    name: str
    kind: str
    value: Callable[[Entry], Any]


@dataclass(frozen=True)
class Section:
    """One list: its name in the address, the kind of object, the columns."""

    name: str
    kind: str
    columns: tuple[Column, ...]


def entries(seen: Snapshot, kind: str) -> list[Entry]:
    """Every object of a kind, of all accounts, newest first."""
    ctx = seen.ctx
    found = [
        Entry(seen, account, each) for account in _owners(ctx) for each in repo.every(ctx, account, kind)
    ]
    found.reverse()  # sorting keeps the order of what happened in the same second
    return sorted(found, key=lambda entry: -entry.document["created"])


def lookup(ctx: Context, id: str) -> Entry | None:
    """The object with an id, whatever its kind and account."""
    for place in ctx.store.kinds():
        _, separator, account = place.partition("@")
        if separator and (document := ctx.store.get(place, id)):
            return Entry(Snapshot(ctx), account, document)
    return None


def matches(document: Json, query: str) -> bool:
    """Whether the text is in one of the object's own values, in its metadata, or in the id it is about."""
    return any(query.lower() in text.lower() for text in _searchable(document))


def _searchable(document: Json) -> Iterator[str]:
    yield from (
        value for name, value in document.items() if isinstance(value, str) and not name.startswith("_")
    )
    for name, value in (document.get("metadata") or {}).items():
        yield from (name, value, f"{name}={value}")
    yield (document.get("transfer_data") or {}).get("destination") or ""
    yield document.get("data", {}).get("object", {}).get("id", "")


def _owners(ctx: Context) -> list[str]:
    return [ctx.platform, *(each["id"] for each in repo.every(ctx, ctx.platform, "account"))]


def _field(name: str, kind: str, path: str) -> Column:
    """A column for a field; dots go into objects."""

    def value(entry: Entry) -> Any:
        found: Any = entry.document
        for part in path.split("."):
            found = found.get(part) if found else None
        return found

    return Column(name, kind, value)


def _money(name: str, field: str) -> Column:
    return Column(name, "money", lambda entry: (entry.document[field], entry.document["currency"]))


def _description(entry: Entry) -> str:
    metadata = entry.document["metadata"]
    return entry.document["description"] or ", ".join(
        f"{name}={value}" for name, value in list(metadata.items())[:2]
    )


def status_in_full(entry: Entry) -> str | None:
    """How the object stands; of a payment the charge knows refunds and disputes, the intent everything before."""
    intent = entry.document
    if intent["object"] != "payment_intent":
        return status_of(intent)
    charge = repo.find(entry.seen.ctx, entry.account, "charge", intent["latest_charge"] or "")
    return status_of(charge if charge and intent["status"] == "succeeded" else intent)


def _balance(entry: Entry) -> tuple[int, str] | None:
    """What the account has, available or not, in its own currency first."""
    amounts = ledger.amounts(entry.seen.ctx, entry.document["id"])
    own = entry.document["default_currency"]
    currency = own if own in amounts else next(iter(amounts), None)
    return (sum(amounts[currency]), currency) if currency else None


def _deliveries(entry: Entry) -> str:
    return entry.seen.delivery_states.get(entry.document["id"], "none")


_AMOUNT = _money("amount", "amount")
_STATUS = Column("status", "status", status_in_full)
_ID = _field("id", "link", "id")
_PAYMENT = _field("payment", "link", "payment_intent")
_REASON = _field("reason", "text", "reason")
_CREATED = _field("created", "time", "created")
_OWNER = Column(
    "account", "link", lambda entry: None if entry.account == entry.seen.ctx.platform else entry.account
)

SECTIONS = (
    Section(
        "payments",
        "payment_intent",
        (
            _AMOUNT,
            _STATUS,
            _ID,
            Column("description", "text", _description),
            _field("destination", "link", "transfer_data.destination"),
            _CREATED,
        ),
    ),
    Section(
        "accounts",
        "account",
        (
            _ID,
            _STATUS,
            _field("email", "text", "email"),
            _field("country", "text", "country"),
            Column("balance", "money", _balance),
            _CREATED,
        ),
    ),
    Section(
        "transfers",
        "transfer",
        (
            _AMOUNT,
            _STATUS,
            _ID,
            _field("destination", "link", "destination"),
            _field("charge", "link", "source_transaction"),
            _money("amount_reversed", "amount_reversed"),
            _CREATED,
        ),
    ),
    Section("refunds", "refund", (_AMOUNT, _STATUS, _ID, _PAYMENT, _REASON, _CREATED)),
    Section(
        "payouts",
        "payout",
        (_AMOUNT, _STATUS, _ID, _OWNER, _field("arrival", "time", "arrival_date"), _CREATED),
    ),
    Section("disputes", "dispute", (_AMOUNT, _STATUS, _ID, _PAYMENT, _REASON, _CREATED)),
    Section(
        "events",
        "event",
        (
            _field("type", "text", "type"),
            Column("deliveries", "status", _deliveries),
            _ID,
            _field("object", "link", "data.object.id"),
            _OWNER,
            _CREATED,
        ),
    ),
)
BY_NAME = {section.name: section for section in SECTIONS}
SECTION_OF_KIND = {section.kind: section.name for section in SECTIONS} | {
    "application_fee": "payments",
    "charge": "payments",
    "transfer_reversal": "transfers",
}
