"""Payment methods: from Stripe's test names, from a browser's form, and looked up."""

import re
from datetime import UTC, datetime

from sandboxes.stripe import banks, cards, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.payment_method import billing_details, new_card, new_sepa_debit
from sandboxes.stripe.params.rules import check_email
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError, invalid, missing

_RAW_CARD = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that "
    "map to the test card you are using, see https://stripe.com/docs/testing. To enable testing raw card data APIs, "
    "see https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis."
)
_NUMBER_MESSAGES = {
    "incorrect_number": ("number", "Your card number is incorrect."),
    "invalid_expiry_month": ("exp_month", "Your card's expiration month is invalid."),
    "invalid_expiry_year": ("exp_year", "Your card's expiration year is invalid."),
    "invalid_cvc": ("cvc", "Your card's security code is invalid."),
}


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/payment_methods"""
    return from_data(ctx, call.account, call.params, browser=call.publishable, at="")


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/payment_methods/:id"""
    return repo.get(ctx, call.account, "payment_method", call.id)


def named(ctx: Context, account: str, id: str) -> Json:
    """The payment method of an id, or a new one for a test name (``pm_card_visa``); raises ApiError."""
    card = cards.by_token(id)
    if card is None:
        return repo.get(ctx, account, "payment_method", id, status=400)
    method = new_card(
        ctx, card, exp_month=11, exp_year=_year(ctx) + 1, checked=False, billing=billing_details()
    )
    return repo.save(ctx, account, method)


def from_data(ctx: Context, account: str, data: Json, *, browser: bool, at: str) -> Json:
    """A payment method from ``payment_method_data``; ``at`` is the name of that parameter."""
    if "type" not in data:
        raise missing(f"{at}[type]" if at else "type")
    billing = _billing(data, at)
    if data["type"] == "card":
        method = _card(ctx, data.get("card"), billing, browser=browser, at=at)
    elif data["type"] == "sepa_debit":
        method = _sepa_debit(ctx, data.get("sepa_debit", {}), billing, at)
    else:
        raise invalid(
            f"The payment method type {data['type']} is invalid or not activated.", param=_in(at, "type")
        )
    method["metadata"] = data.get("metadata") or {}
    method["allow_redisplay"] = data.get("allow_redisplay", "unspecified")
    return repo.save(ctx, account, method)


def _billing(data: Json, at: str) -> Json:
    billing = billing_details(data.get("billing_details") or None)
    if billing["email"]:
        check_email(billing["email"], param=_in(at, "billing_details") + "[email]")
    return billing


def _card(ctx: Context, data: Json | None, billing: Json, *, browser: bool, at: str) -> Json:
    if not data:
        raise missing(_in(at, "card"))
    if "token" in data:
        return _card_of_token(ctx, data["token"], billing)
    if not browser:
        raise ApiError(402, _RAW_CARD)
    number = re.sub(r"[ -]", "", data["number"])
    month, year = _expiry(ctx, data)
    _check(cards.is_number(number), "incorrect_number")
    cvc = data.get("cvc", "")
    _check(
        not cvc or re.fullmatch(r"\d{4}" if cards.brand_of(number) == "amex" else r"\d{3}", cvc),
        "invalid_cvc",
    )
    card = cards.by_number(number)
    return new_card(ctx, card, exp_month=month, exp_year=year, checked=bool(cvc), billing=billing)


def _card_of_token(ctx: Context, token: str, billing: Json) -> Json:
    card = cards.by_token(token.replace("tok_", "pm_card_", 1))
    if card is None:
        raise invalid(f"No such token: '{token}'", code="resource_missing", param="card[token]")
    return new_card(ctx, card, exp_month=11, exp_year=_year(ctx) + 1, checked=False, billing=billing)


def _expiry(ctx: Context, data: Json) -> tuple[int, int]:
    month, year = data["exp_month"], data["exp_year"]
    _check(month.isdecimal() and 1 <= int(month) <= 12, "invalid_expiry_month")
    _check(year.isdecimal() and len(year) in (2, 4), "invalid_expiry_year")
    full = int(year) + (2000 if len(year) == 2 else 0)
    _check(_year(ctx) <= full <= _year(ctx) + 50, "invalid_expiry_year")
    _check(full > _year(ctx) or int(month) >= _month(ctx), "invalid_expiry_month")
    return int(month), full


def _check(valid: object, code: str) -> None:
    if not valid:
        param, message = _NUMBER_MESSAGES[code]
        raise ApiError(402, message, code=code, param=param, type="card_error")


def _sepa_debit(ctx: Context, data: Json, billing: Json, at: str) -> Json:
    if not data.get("iban"):
        raise missing(_in(at, "sepa_debit") + "[iban]")
    for name in ("name", "email"):
        if not billing[name]:
            raise missing(_in(at, "billing_details") + f"[{name}]")
    iban = banks.normalised(data["iban"])
    if not banks.is_iban(iban):
        message = f"The IBAN you provided is invalid. {data['iban']} has wrong check digits."
        raise invalid(message, param=_in(at, "sepa_debit") + "[iban]")
    return new_sepa_debit(ctx, iban, billing)


def _in(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _year(ctx: Context) -> int:
    return _today(ctx).year


def _month(ctx: Context) -> int:
    return _today(ctx).month


def _today(ctx: Context) -> datetime:
    return datetime.fromtimestamp(ctx.now(), UTC)
