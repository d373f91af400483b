"""Errors in Resend's shape, with its names and words (https://resend.com/docs/api-reference/errors)."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """A refusal: HTTP status, Resend's name for it, a sentence."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message

    def response(self) -> JSONResponse:
        """As Resend answers it."""
        body = {"statusCode": self.status, "name": self.name, "message": self.message}
        return JSONResponse(body, self.status)


def invalid(message: str) -> ApiError:
    """A field that is not as it should be."""
    return ApiError(422, "validation_error", message)


def missing(field: str) -> ApiError:
    """A field that must be there."""
    return ApiError(422, "missing_required_field", f"Missing `{field}` field.")


def not_found(what: str) -> ApiError:
    """Something that does not exist."""
    return ApiError(404, "not_found", f"{what} not found")


def too_many_requests() -> ApiError:
    """More requests in a second than the team may make."""
    return ApiError(
        429, "rate_limit_exceeded", "Too many requests. Please limit the number of requests per second."
    )


def fault_response(status: int) -> Response:
    """The provider's own 500 or 429, thrown on demand."""
    if status == 429:
        headers = {
            "ratelimit-limit": "5",
            "ratelimit-remaining": "0",
            "ratelimit-reset": "1",
            "retry-after": "1",
        }
        response = too_many_requests().response()
        response.headers.update(headers)
        return response
    return ApiError(status, "application_error", "An unexpected error occurred.").response()


async def on_api_error(_: Request, error: Exception) -> Response:
    """Answer what a handler refused."""
    assert isinstance(error, ApiError)  # noqa: S101 registered for this class only
    return error.response()


async def on_http_error(_: Request, error: Exception) -> Response:
    """Answer what the routing refused: no such address, or no such method there."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        return ApiError(405, "method_not_allowed", "Method Not Allowed").response()
    return ApiError(404, "not_found", "The requested endpoint does not exist").response()


async def on_defect(_: Request, __: Exception) -> Response:
    """Answer what went wrong in the sandbox itself; the server logs it."""
    return fault_response(500)
