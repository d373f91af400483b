"""The lists of the back office, in the order of its navigation."""

from callastar.backoffice.sections import calls, outcomes, payouts, policies, payments, disputes, debts  # noqa: F401, I001 - order counts
from callastar.backoffice.sections import journal, events, emails, jobs  # noqa: F401 - order counts
from callastar.backoffice.sections import log  # noqa: F401 - order counts
