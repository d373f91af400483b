"""Refusals: each has a stable code, an HTTP status and a translated text.

A `Refusal` is a normal answer to somebody who asked for what cannot be; pages and the API show it, nothing logs a
traceback. Codes are part of the API's contract and never change.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.utils.functional import Promise

type_of_text = str | Promise


class Refusal(Exception):
    """Base of all refusals; subclasses name `code`, `status` and `text` (a lazy, `%`-formatted message).

    `retry_after` is the number of seconds after which asking again makes sense; 0 where that is not known.
    """

    code: str = "refused"
    status: HTTPStatus = HTTPStatus.CONFLICT
    text: type_of_text = ""
    retry_after: int = 0

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code)

    @property
    def detail(self) -> str:
        """The text in the language that is active now."""
        return str(self.text) % self.params if self.params else str(self.text)

    @property
    def field_errors(self) -> Mapping[str, list[str]]:
        """Messages per field of the form or body, if the refusal is about some."""
        return {}


class ProviderTrouble(StrEnum):
    """What a provider's error means for whoever called."""

    TEMPORARY = "temporary"  # try again later: network, 429, 5xx
    PERMANENT = "permanent"  # the same call will always be refused


class ProviderError(Exception):
    """A provider (Stripe, Daily, Resend) did not do what was asked.

    `retry_after` is the number of seconds that it wants to be left alone for; 0 where it did not say.
    """

    def __init__(
        self,
        provider: str,
        kind: ProviderTrouble,
        code: str = "",
        message: str = "",
        *,
        retry_after: int = 0,
    ) -> None:
        self.provider, self.kind, self.code, self.message = provider, kind, code, message
        self.retry_after = retry_after
        super().__init__(f"{provider}: {kind} {code} {message}".strip())

    @property
    def is_temporary(self) -> bool:
        """Whether the same call may succeed later."""
        return self.kind is ProviderTrouble.TEMPORARY
