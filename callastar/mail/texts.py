"""Sentences that depend on a code: why a payment was declined, what happened to an account, what was decided."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_EXPIRED = _("The card has expired.")
_DETAILS = _("The card number, the expiry date or the security code is not right.")
_LIMIT = _("The card does not allow an amount like this one.")
_BANK = _("Your bank has declined the payment without giving a reason. It can tell you more.")
_TECHNICAL = _("The payment could not be processed this time. Trying again often helps.")
_UNUSABLE = _("This card cannot be used for this payment.")

# Stripe's codes: https://docs.stripe.com/declines/codes. A card reported lost or stolen is not called so to its holder.
_DECLINES: dict[str, Text] = {
    "insufficient_funds": _("There is not enough money on the account."),
    "expired_card": _EXPIRED,
    "invalid_expiry_month": _DETAILS,
    "invalid_expiry_year": _DETAILS,
    "incorrect_number": _DETAILS,
    "invalid_number": _DETAILS,
    "incorrect_cvc": _DETAILS,
    "invalid_cvc": _DETAILS,
    "incorrect_zip": _DETAILS,
    "card_velocity_exceeded": _LIMIT,
    "withdrawal_count_limit_exceeded": _LIMIT,
    "invalid_amount": _LIMIT,
    "card_not_supported": _UNUSABLE,
    "currency_not_supported": _UNUSABLE,
    "restricted_card": _UNUSABLE,
    "transaction_not_allowed": _UNUSABLE,
    "authentication_required": _("Your bank asks you to confirm the payment yourself."),
    "payment_intent_authentication_failure": _("The confirmation asked for by your bank did not succeed."),
    "processing_error": _TECHNICAL,
    "issuer_not_available": _TECHNICAL,
    "try_again_later": _TECHNICAL,
    "reenter_transaction": _TECHNICAL,
}


def decline_reason(code: str) -> Text:
    """Why a payment was declined, in a sentence for the payer; unknown codes are the bank's affair."""
    return _DECLINES.get(code, _BANK)


@dataclass(frozen=True)
class Notice:
    """A message about a change of somebody's account."""

    subject: Text
    sentence: Text


_CHANGED = Notice(
    _("Your account has been changed"),
    _("The security settings of your account have just been changed."),
)
NOTICES = {
    "email_changed": Notice(
        _("Your email address has been changed"),
        _("You now sign in with another email address; this one is no longer used."),
    ),
    "email_confirm": Notice(
        _("Your email address is confirmed"), _("Your email address has been confirmed.")
    ),
    "email_deleted": Notice(
        _("An email address has been removed"), _("An email address has been removed from your account.")
    ),
    "password_changed": Notice(
        _("Your password has been changed"), _("The password of your account has just been changed.")
    ),
    "password_reset": Notice(
        _("Your password has been changed"), _("A new password has been chosen for your account.")
    ),
    "password_set": Notice(_("You now have a password"), _("A password has been added to your account.")),
    "totp_activated": Notice(
        _("Two-step sign-in is on"), _("An authenticator app now protects your account.")
    ),
    "totp_deactivated": Notice(
        _("Two-step sign-in is off"), _("The authenticator app no longer protects your account.")
    ),
    "webauthn_added": Notice(
        _("A passkey has been added"), _("A passkey or security key has been added to your account.")
    ),
    "webauthn_removed": Notice(
        _("A passkey has been removed"), _("A passkey or security key has been removed from your account.")
    ),
    "recovery_codes_generated": Notice(
        _("You have new recovery codes"), _("New recovery codes have been made; the old ones no longer work.")
    ),
}


def notice(kind: str) -> Notice:
    """The texts for what allauth reports (the last part of its template's name); others say so in general."""
    return NOTICES.get(kind, _CHANGED)


_DECISIONS: dict[str, Text] = {
    "held": _("The call took place."),
    "missed": _("You were not there."),
    "stood_up": _("%(name)s was not there."),
    "nobody_came": _("Nobody came."),
    "technical": _("A technical problem kept you from talking."),
    "unknown": _("It cannot be found out what happened."),
}


def decision_sentence(found: str, other_name: str) -> str:
    """What was decided about a call, by one of `outcome_messages.Found`, to the one who reads it."""
    return str(_DECISIONS[found]) % {"name": other_name}
