"""The buttons: which an object has, and what each does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandboxes.stripe import accounts, confirmation, disputes, payouts, refunds, repo, transfers
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.people.dashboard.deliveries import deliveries_of, send_again
from sandboxes.stripe.people.dashboard.sections import Entry
from sandboxes.stripe.people.formats import decimal_amount, minor_units
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError

Form = Mapping[str, Any]


class Refusal(Exception):
    """A button that could not do its work; ``key`` names our own words for it, else the service's are shown."""

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key

    def text(self, texts: Json) -> str:
        """The reason in the reader's words, as far as we have them."""
        return str(texts["refused"].format(message=texts[self.key] if self.key else str(self)))


@dataclass(frozen=True)
class Button:
    """A button as it is drawn; ``amount`` is what its input holds at first."""

    name: str
    quiet: bool = False
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Action:
    """What a button does, and to which objects it belongs."""

    kinds: tuple[str, ...]
    applies: Callable[[Context, Entry], bool]
    do: Callable[[Context, Entry, Form], object]
    quiet: bool = False


def offered(ctx: Context, entry: Entry) -> list[Button]:
    """The buttons of an object as it stands."""
    return [_button(ctx, entry, name) for name, action in ACTIONS.items() if _is_offered(ctx, entry, action)]


def run(ctx: Context, entry: Entry, name: str, form: Form) -> None:
    """Do what a button says; raises Refusal."""
    action = ACTIONS.get(name)
    if action is None or not _is_offered(ctx, entry, action):
        raise Refusal(f"{name} does not apply to {entry.document['id']}")
    try:
        action.do(ctx, entry, form)
    except (ApiError, ValueError, LookupError) as error:
        raise Refusal(str(error)) from error


def _is_offered(ctx: Context, entry: Entry, action: Action) -> bool:
    return entry.document["object"] in action.kinds and action.applies(ctx, entry)


def _button(ctx: Context, entry: Entry, name: str) -> Button:
    quiet = ACTIONS[name].quiet
    if name not in _WITH_AMOUNT:
        return Button(name, quiet)
    whole, gone = _WITH_AMOUNT[name](ctx, entry)
    currency = whole["currency"]
    return Button(name, quiet, decimal_amount((whole["amount"] - gone, currency)), currency.upper())


def _charge(ctx: Context, entry: Entry) -> Json:
    """The charge of a payment; nothing for one that has none."""
    if entry.document["object"] == "charge":
        return entry.document
    return repo.find(ctx, entry.account, "charge", entry.document["latest_charge"] or "") or {}


def _is_refundable(ctx: Context, entry: Entry) -> bool:
    charge = _charge(ctx, entry)
    is_paid = bool(charge) and charge["captured"] and not charge["refunded"]
    return is_paid and not disputes.forbids_refund(ctx, entry.account, charge)


def _is_disputable(ctx: Context, entry: Entry) -> bool:
    return _is_refundable(ctx, entry) and not _charge(ctx, entry)["disputed"]


def _is_processing(_: Context, entry: Entry) -> bool:
    return bool(entry.document["status"] == "processing")


def _is_on_its_way(_: Context, entry: Entry) -> bool:
    return entry.document["status"] in ("pending", "in_transit")


def _may_come_back(_: Context, entry: Entry) -> bool:
    """A refund to a payer; those between accounts have no bank that could send them back."""
    refund = entry.document
    return refund["status"] in ("pending", "succeeded") and "destination_details" in refund


def _may_fail(_: Context, entry: Entry) -> bool:
    return entry.document["status"] in ("pending", "in_transit", "paid")


def _is_undecided(_: Context, entry: Entry) -> bool:
    return entry.document["status"] not in disputes.CLOSED


def _is_open_dispute(ctx: Context, entry: Entry) -> bool:
    return _is_undecided(ctx, entry) and not disputes.is_inquiry(entry.document)


def _is_open_inquiry(ctx: Context, entry: Entry) -> bool:
    return _is_undecided(ctx, entry) and disputes.is_inquiry(entry.document)


def _amount(form: Form, currency: str) -> int:
    try:
        return minor_units(str(form.get("amount", "")), currency)
    except ValueError as error:
        raise Refusal("", key="bad_amount") from error


def _refund(ctx: Context, entry: Entry, form: Form) -> Json:
    """Pro rata from everyone who got a part of the payment, as a person expects of a refund."""
    charge = _charge(ctx, entry)
    params: Json = {"charge": charge["id"], "amount": _amount(form, charge["currency"])}
    if charge["transfer_data"]:
        params["reverse_transfer"] = True
    if charge["application_fee_amount"]:
        params["refund_application_fee"] = True
    return refunds.create(ctx, Call(account=entry.account, params=params))


def _reverse(ctx: Context, entry: Entry, form: Form) -> Json:
    transfer = entry.document
    params = {"amount": _amount(form, transfer["currency"])}
    return transfers.create_reversal(
        ctx, Call(account=entry.account, params=params, path={"id": transfer["id"]})
    )


def _dispute(status: str) -> Callable[[Context, Entry, Form], object]:
    def dispute(ctx: Context, entry: Entry, _: Form) -> object:
        return disputes.open_dispute(ctx, entry.account, _charge(ctx, entry)["id"], status=status)

    return dispute


def _settle(*, ok: bool) -> Callable[[Context, Entry, Form], object]:
    def settle(ctx: Context, entry: Entry, _: Form) -> object:
        ctx.timers.cancel("debit_" + entry.document["id"])
        return confirmation.finish_debit(ctx, entry.account, entry.document["id"], ok=ok)

    return settle


def _decide(status: str) -> Callable[[Context, Entry, Form], object]:
    return lambda ctx, entry, _: disputes.decide(ctx, entry.account, entry.document["id"], status)


def _charge_and_refunded(ctx: Context, entry: Entry) -> tuple[Json, int]:
    charge = _charge(ctx, entry)
    return charge, charge["amount_refunded"]


_WITH_AMOUNT: dict[str, Callable[[Context, Entry], tuple[Json, int]]] = {
    "refund": _charge_and_refunded,
    "reverse": lambda _, entry: (entry.document, entry.document["amount_reversed"]),
}
_PAYMENTS = ("payment_intent", "charge")
ACTIONS = {
    "refund": Action(_PAYMENTS, _is_refundable, _refund),
    "dispute": Action(_PAYMENTS, _is_disputable, _dispute("needs_response"), quiet=True),
    "inquire": Action(_PAYMENTS, _is_disputable, _dispute(disputes.INQUIRY), quiet=True),
    "reverse": Action(("transfer",), lambda _, entry: not entry.document["reversed"], _reverse),
    "fail_refund": Action(
        ("refund",),
        _may_come_back,
        lambda ctx, entry, _: refunds.fail(ctx, entry.account, entry.document["id"]),
        quiet=True,
    ),
    "settle": Action(("payment_intent",), _is_processing, _settle(ok=True)),
    "settle_fail": Action(("payment_intent",), _is_processing, _settle(ok=False), quiet=True),
    "win": Action(("dispute",), _is_undecided, _decide("won")),
    "lose": Action(("dispute",), _is_open_dispute, _decide("lost"), quiet=True),
    "escalate": Action(
        ("dispute",),
        _is_open_inquiry,
        lambda ctx, entry, _: disputes.escalate(ctx, entry.account, entry.document["id"]),
        quiet=True,
    ),
    "pay": Action(
        ("payout",),
        _is_on_its_way,
        lambda ctx, entry, _: payouts.pay(ctx, entry.account, entry.document["id"]),
    ),
    "fail": Action(
        ("payout",),
        _may_fail,
        lambda ctx, entry, _: payouts.fail(ctx, entry.account, entry.document["id"]),
        quiet=True,
    ),
    "onboard": Action(
        ("account",),
        lambda _, entry: not (entry.document["charges_enabled"] and entry.document["payouts_enabled"]),
        lambda ctx, entry, _: accounts.complete_onboarding(ctx, entry.document["id"]),
    ),
    "redeliver": Action(
        ("event",),
        lambda ctx, entry: bool(deliveries_of(ctx, entry.document["id"])),
        lambda ctx, entry, _: send_again(ctx, entry.document["id"]),
    ),
}
