"""Sentences that depend on a code of Stripe's: why a payout failed, what a dispute is about.

They are about "the account", "the fan": creators and admins read the same ones.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_BANK = _("The bank could not process it.")
_NUMBER = _("The number of the bank account is not right.")
_HOLDER = _("What the bank knows about the holder of the account differs from what was given to Stripe.")
_BALANCE = _("There was not enough money on the Stripe account.")

# https://docs.stripe.com/api/payouts/failures; `balance_insufficient` is what refuses a payout at once.
_PAYOUT_FAILURES: dict[str, Text] = {
    "account_closed": _("The bank account has been closed."),
    "account_frozen": _("The bank account has been frozen."),
    "balance_insufficient": _BALANCE,
    "bank_account_restricted": _(
        "The bank account takes no payouts, or few of them: it may be a savings account."
    ),
    "bank_ownership_changed": _("The bank account is no longer valid because its branch has changed hands."),
    "could_not_process": _BANK,
    "debit_not_authorized": _(
        "The bank account does not allow debits, which Stripe asks for besides credits."
    ),
    "declined": _("The bank has declined the transfer. It can say more."),
    "incorrect_account_holder_address": _HOLDER,
    "incorrect_account_holder_name": _HOLDER,
    "incorrect_account_holder_tax_id": _HOLDER,
    "incorrect_account_type": _("The kind of bank account is not the one given to Stripe."),
    "insufficient_funds": _BALANCE,
    "invalid_account_number": _NUMBER,
    "invalid_account_number_length": _NUMBER,
    "invalid_currency": _("The bank account does not take this currency."),
    "no_account": _("The bank could not find the account: its details are probably not right."),
    "unsupported_card": _("The card no longer takes payouts."),
}

_NO_REASON = _("The bank gives no particular reason.")
_STRANGER = _("The cardholder says that they did not make this payment.")
_DEBIT = _("The cardholder’s bank says that the debit was not allowed or not possible.")

# https://docs.stripe.com/disputes/categories
_DISPUTE_REASONS: dict[str, Text] = {
    "bank_cannot_process": _DEBIT,
    "check_returned": _DEBIT,
    "credit_not_processed": _("The cardholder says that they were promised a refund that did not come."),
    "customer_initiated": _NO_REASON,
    "debit_not_authorized": _DEBIT,
    "duplicate": _("The cardholder says that they were charged more than once."),
    "fraudulent": _STRANGER,
    "general": _NO_REASON,
    "incorrect_account_details": _DEBIT,
    "insufficient_funds": _DEBIT,
    "product_not_received": _("The cardholder says that the call did not take place."),
    "product_unacceptable": _("The cardholder says that the call was not what had been described."),
    "subscription_canceled": _("The cardholder says that they had cancelled."),
    "unrecognized": _("The cardholder does not recognise the payment."),
}


def payout_failure(code: str) -> Text:
    """Why a payout failed, in a sentence; unknown codes are the bank's affair."""
    return _PAYOUT_FAILURES.get(code, _BANK)


def dispute_reason(code: str) -> Text:
    """What the cardholder or their bank says, in a sentence; unknown codes say nothing in particular."""
    return _DISPUTE_REASONS.get(code, _NO_REASON)
