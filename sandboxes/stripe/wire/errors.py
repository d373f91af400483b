"""Errors as Stripe words and codes them: https://docs.stripe.com/error-codes."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An error answer.

    ``keeps_effect`` is true for what happened although it failed (a declined charge is recorded);
    everything else leaves no trace.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",
        keeps_effect: bool = False,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps_effect = keeps_effect
        given = {"code": code, "param": param, **details}
        self.error: Json = {
            "type": type,
            "message": message,
            **{k: v for k, v in given.items() if v is not None},
        }

    def body(self, request_id: str) -> Json:
        """The JSON of the answer."""
        links = {"request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}
        if "code" in self.error:
            page = self.error["code"].replace("_", "-")
            links["doc_url"] = f"https://stripe.com/docs/error-codes/{page}"
        return {"error": {**self.error, **links}}


def invalid(message: str, *, code: str | None = None, param: str | None = None, **details: Any) -> ApiError:
    """400: the request makes no sense."""
    return ApiError(400, message, code=code, param=param, **details)


def missing(param: str) -> ApiError:
    """400: a required parameter is not there."""
    return invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(params: list[str]) -> ApiError:
    """400: parameters Stripe does not know."""
    plural = "s" if len(params) > 1 else ""
    return invalid(
        f"Received unknown parameter{plural}: {', '.join(params)}", code="parameter_unknown", param=params[0]
    )


def no_such(name: str, id: str, *, param: str, status: int = 404) -> ApiError:
    """404 for an id in the path, 400 for one among the parameters."""
    return ApiError(status, f"No such {name}: '{id}'", code="resource_missing", param=param)


def unexpected_state(message: str, intent: Json, *, param: str | None = None) -> ApiError:
    """400: the payment intent is not in a state that allows this."""
    return invalid(message, code="payment_intent_unexpected_state", param=param, payment_intent=intent)


def no_access(key: str, account: str) -> ApiError:
    """403: a connected account that is not there, or no longer ours."""
    message = (
        f"The provided key '{masked(key)}' does not have access to account '{account}' "
        "(or that account does not exist). Application access may have been revoked."
    )
    return ApiError(403, message, code="account_invalid")


def masked(key: str) -> str:
    """A key as error messages show it."""
    return f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"


def provider_failure(status: int) -> ApiError:
    """The 500 and the 429 of a bad day."""
    if status == 429:
        return ApiError(
            429,
            "Request rate limit exceeded. Learn more about rate limits here "
            "https://stripe.com/docs/rate-limits.",
            code="rate_limit",
        )
    return ApiError(500, "An unknown error occurred while processing this request.", type="api_error")
