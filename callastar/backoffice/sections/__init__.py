"""The lists of the back office, in the order of its navigation."""

from callastar.backoffice.sections import payouts, policies, payments, disputes, debts, journal, events  # noqa: F401, I001 - order counts
