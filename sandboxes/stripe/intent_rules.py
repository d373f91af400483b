"""What a payment intent may be made of."""

from sandboxes.stripe import currencies, destinations, regions, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.charge import STATEMENT_PREFIX
from sandboxes.stripe.params.rules import check_descriptor, check_email
from sandboxes.stripe.wire.errors import invalid, missing, no_such

_NO_FEE_HERE = (
    "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth "
    "key or Stripe-Account header) or destination payment (using `transfer_data[destination]`)."
)


def check(ctx: Context, intent: Json, *, given: Json) -> None:
    """Raise ApiError unless the intent as a whole is one that Stripe would take.

    ``given`` are the parameters of the request; only what it touches is looked at again.
    """
    currencies.check_amount(intent["amount"], intent["currency"])
    _check_destination(ctx, intent, given)
    _check_fee(intent)
    _check_texts(given)
    for name in ("customer", "confirmation_token", "mandate", "payment_method_configuration"):
        if given.get(name):
            raise no_such(name, given[name], param=name, status=400)
    if not intent["payment_method_types"]:
        raise invalid(
            "No payment method types enabled for the created PaymentIntent.", param="payment_method_types"
        )


def method_types(ctx: Context, intent: Json) -> list[str]:
    """The payment methods an intent offers; SEPA debits are for euros and need automatic methods."""
    offered = ["card"]
    automatic = intent["automatic_payment_methods"] is not None
    if automatic and intent["currency"] == "eur" and _can_debit(ctx, intent["on_behalf_of"]):
        offered.append("sepa_debit")
    allowed = intent["allowed_payment_method_types"] or offered
    excluded = intent["excluded_payment_method_types"] or []
    return [each for each in offered if each in allowed and each not in excluded]


def _can_debit(ctx: Context, on_behalf_of: str | None) -> bool:
    if on_behalf_of is None:
        return True
    account = repo.find(ctx, ctx.platform, "account", on_behalf_of)
    return account is not None and account["capabilities"].get("sepa_debit_payments") == "active"


def _check_destination(ctx: Context, intent: Json, given: Json) -> None:
    transfer = intent["transfer_data"]
    behalf = intent["on_behalf_of"]
    if behalf and "on_behalf_of" in given:
        _check_on_behalf_of(ctx, behalf)
    if not transfer:
        return
    if "destination" not in transfer:
        raise missing("transfer_data[destination]")
    account = destinations.find(ctx, transfer["destination"], param="transfer_data[destination]")
    if behalf is None and not regions.same_region(ctx.country, account["country"]):
        raise invalid(_other_region(account["country"]), param="transfer_data[destination]")
    amount = transfer.get("amount")
    if amount is not None and not 0 < amount <= intent["amount"]:
        message = f"Transfer amount ({amount}) must be positive and no more than the charge amount."
        raise invalid(message, param="transfer_data[amount]")


def _check_on_behalf_of(ctx: Context, id: str) -> None:
    account = repo.find(ctx, ctx.platform, "account", id)
    if account is None or account["_deauthorized"]:
        raise no_such("on_behalf_of", id, param="on_behalf_of", status=400)
    if account["capabilities"].get("card_payments") != "active":
        message = (
            "Your account cannot use `on_behalf_of` with this connected account, because it is missing the required "
            "capability: card_payments."
        )
        raise invalid(message, param="on_behalf_of")


def _other_region(country: str) -> str:
    return (
        f"Cannot create a destination charge for connected accounts in {country} because funds would be settled on "
        "the platform and the connected account is outside the platform's region. You may use the `on_behalf_of` "
        "parameter to have the charge settle in the connected account's country."
    )


def _check_fee(intent: Json) -> None:
    fee = intent["application_fee_amount"]
    if fee is None:
        return
    if not intent["transfer_data"]:
        raise invalid(_NO_FEE_HERE, param="application_fee_amount")
    if "amount" in intent["transfer_data"]:
        raise invalid(
            "Received both application_fee_amount and transfer_data[amount] parameters. Please pass in only one.",
            param="application_fee_amount",
        )
    if not 0 < fee <= intent["amount"]:
        message = f"application_fee_amount must be between 1 and the charge amount ({intent['amount']})."
        raise invalid(message, param="application_fee_amount")


def _check_texts(given: Json) -> None:
    if given.get("receipt_email"):
        check_email(given["receipt_email"], param="receipt_email")
    if given.get("statement_descriptor"):
        check_descriptor(given["statement_descriptor"], param="statement_descriptor")
    if given.get("statement_descriptor_suffix"):
        check_descriptor(
            given["statement_descriptor_suffix"], param="statement_descriptor_suffix", prefix=STATEMENT_PREFIX
        )
