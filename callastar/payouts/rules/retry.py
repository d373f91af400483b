"""What follows a failed payout (PO-5, PO-7)."""

from datetime import datetime, timedelta

MAX_FAILURES = 3

# Failures that the same bank account would only repeat (https://docs.stripe.com/api/payouts/failures). Every other one
# (could_not_process, declined, insufficient_funds, one that Stripe adds later) may pass, and is tried again.
_BANK_ACCOUNT_MUST_CHANGE = frozenset(
    {
        "account_closed",
        "account_frozen",
        "bank_account_restricted",
        "bank_ownership_changed",
        "debit_not_authorized",
        "incorrect_account_holder_address",
        "incorrect_account_holder_details",
        "incorrect_account_holder_name",
        "incorrect_account_holder_tax_id",
        "incorrect_account_type",
        "invalid_account_number",
        "invalid_account_number_length",
        "invalid_currency",
        "no_account",
        "unsupported_card",
    }
)


def retry_at(*, failed_at: datetime, failures_in_a_row: int) -> datetime | None:
    """When a payout that failed is tried again: after 1, 2, 4 … days, and not at all when its failure blocks.

    `failures_in_a_row` counts this one. Raises ValueError below 1.
    """
    if failures_in_a_row < 1:
        raise ValueError(f"{failures_in_a_row} failures")
    if blocks_after(failures_in_a_row):
        return None
    return failed_at + timedelta(days=2 ** (failures_in_a_row - 1))


def blocks_after(failures_in_a_row: int) -> bool:
    """Whether so many failures in a row block a creator's payouts until an admin has looked."""
    return failures_in_a_row >= MAX_FAILURES


def must_fix_bank(failure_code: str) -> bool:
    """Whether Stripe's code of a failure means that nothing arrives until the creator changes the bank account."""
    return failure_code in _BANK_ACCOUNT_MUST_CHANGE
