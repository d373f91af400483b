"""Whether a mail that waits is still true: asked when it is sent, of whoever caused it.

The apps above know, and mails know nothing of them: so they name their checks here, by template.
"""

from collections.abc import Callable

from callastar.mail.models import EmailLog

Check = Callable[[EmailLog], str]
_CHECKS: dict[str, Check] = {}


def check_when_sent(*templates: str) -> Callable[[Check], Check]:
    """Name the function that is asked about mails of these templates.

    It answers why one need not be sent any more, in a word that fits `skip_reason`, or nothing.
    """

    def name(check: Check) -> Check:
        _CHECKS.update(dict.fromkeys(templates, check))
        return check

    return name


def untrue_because(email: EmailLog) -> str:
    """Why a mail need not be sent any more; empty if it is as true as when it was written."""
    check = _CHECKS.get(email.template)
    return check(email) if check else ""
