"""The books of a successful charge: Stripe's fee, the transfer to the creator, the application fee."""

from sandboxes.stripe import cards, currencies, events, ledger, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.charge import for_transfer
from sandboxes.stripe.objects.movements import new_application_fee, new_transfer

_DELAY_SECONDS = 1


def later(ctx: Context, account: str, charge_id: str) -> None:
    """Settle in a second, as ``automatic_async`` does; ``charge.updated`` follows."""
    payload = {"account": account, "charge_id": charge_id}
    ctx.timers.at(ctx.clock.now() + _DELAY_SECONDS, "settle_charge", payload, id="settle_" + charge_id)


def settle_now(ctx: Context, account: str, charge_id: str) -> Json:
    """Settle a charge unless that has happened; gives the charge and emits ``charge.updated``."""
    charge = repo.get(ctx, account, "charge", charge_id)
    if charge["balance_transaction"] is not None or not charge["captured"]:
        return charge
    after = settle(ctx, account, dict(charge))
    return events.save_and_emit(ctx, account, "charge.updated", charge, after)


def settle(ctx: Context, account: str, charge: Json) -> Json:
    """Post the money of a captured charge; gives the charge, stored."""
    method = repo.get(ctx, account, "payment_method", charge["payment_method"])
    by_card = method["type"] == "card"
    available_on = ledger.matures(ctx, at_once=by_card and cards.by_number(method["_number"]).bypass_pending)
    amount, currency = charge["amount_captured"], charge["currency"]
    fee = currencies.processing_fee(amount, currency, method["type"])
    details = [ledger.fee_detail(fee, currency, type="stripe_fee", description="Stripe processing fees")]
    transaction = ledger.post(
        ctx,
        account,
        type="charge" if by_card else "payment",
        amount=amount,
        currency=currency,
        source=charge["id"],
        available_on=available_on,
        fee_details=details,
        description=charge["description"],
    )
    charge["balance_transaction"] = transaction["id"]
    if charge["transfer_data"]:
        _pay_destination(ctx, account, charge, available_on)
    return repo.save(ctx, account, charge)


def _pay_destination(ctx: Context, account: str, charge: Json, available_on: int) -> None:
    """Move the money to the connected account: a transfer here, a payment there, the fee back."""
    destination = charge["transfer_data"]["destination"]
    amount = charge["transfer_data"].get("amount", charge["amount_captured"])
    transfer = new_transfer(
        ctx,
        amount=amount,
        currency=charge["currency"],
        destination=destination,
        source_transaction=charge["id"],
        transfer_group=charge["transfer_group"],
    )
    payment = for_transfer(ctx, transfer, application_fee_amount=charge["application_fee_amount"])
    transaction = ledger.post(
        ctx, account, type="transfer", amount=-amount, currency=charge["currency"], source=transfer["id"],
        available_on=available_on,
    )  # fmt: skip
    transfer |= {"balance_transaction": transaction["id"], "destination_payment": payment["id"]}
    repo.save(ctx, account, transfer)
    charge["transfer"] = transfer["id"]
    details = _take_fee(ctx, account, charge, payment, available_on)
    received = ledger.post(
        ctx, destination, type="payment", amount=amount, currency=charge["currency"], source=payment["id"],
        available_on=available_on, fee_details=details,
    )  # fmt: skip
    repo.save(ctx, destination, payment | {"balance_transaction": received["id"]})
    events.emit(ctx, account, "transfer.created", transfer)


def _take_fee(ctx: Context, account: str, charge: Json, payment: Json, available_on: int) -> list[Json]:
    """Book the application fee to the platform; gives the fee line of the connected account's payment."""
    amount = charge["application_fee_amount"]
    if not amount:
        return []
    destination = charge["transfer_data"]["destination"]
    fee = new_application_fee(ctx, charge=charge, payment=payment, account=destination, amount=amount)
    transaction = ledger.post(
        ctx, account, type="application_fee", amount=amount, currency=charge["currency"], source=fee["id"],
        available_on=available_on,
    )  # fmt: skip
    repo.save(ctx, account, fee | {"balance_transaction": transaction["id"]})
    events.emit(ctx, account, "application_fee.created", fee | {"balance_transaction": transaction["id"]})
    charge["application_fee"] = payment["application_fee"] = fee["id"]
    return [
        ledger.fee_detail(amount, charge["currency"], type="application_fee", description="application fee",
                          application=ctx.keys.application)
    ]  # fmt: skip
