"""`Idempotency-Key`: a repeated state-changing call gets the first answer again, for 24 hours.

The rules are those of the IETF draft "The Idempotency-Key HTTP Header Field": the same key with another request is
refused, and so is one whose first request is still running.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callastar.core import clock
from callastar.core.api.problems import problem
from callastar.core.models import IdempotentAnswer
from callastar.core.network import client_address

KEPT = timedelta(hours=24)
# A first call that has not answered after this long died: its key may be used again.
GIVEN_UP = timedelta(minutes=2)
LONGEST_KEY = 255
FORGOTTEN_AT_ONCE = 500
# Their answers hold secrets (tokens of a session, a payment, a call, a stream) that must not lie in the database.
# Asked again, each has the same effect by itself: it opens no second payment, room or session.
_NEVER_KEPT = re.compile(
    r"/api/(auth/.*|payments/create-intent|daily/get-token|bookings/[0-9a-fA-F-]{36}/refresh"
    r"|calls/rooms/[^/]+/join)/?"
)
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
_NOT_KEPT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
Answer = Callable[[HttpRequest], HttpResponse]


def answer_once(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Answer a request, or give the first answer to its key again."""
    key = request.headers.get("Idempotency-Key", "")
    if not key or request.method not in _CHANGING or _NEVER_KEPT.fullmatch(request.path):
        return answer(request)
    if len(key) > LONGEST_KEY or not key.isprintable():
        return problem(
            status=400, code="idempotency_key_invalid", detail=_("This key is too long or not text.")
        )
    row, is_first = _claim(request, key)
    if not is_first:
        return _replay(row, request)
    return _keep(row, request, answer)


def forget_old_answers(*, now: datetime) -> int:
    """Delete the answers that are no longer given again, the oldest first, in short batches; how many."""
    old = IdempotentAnswer.objects.filter(created_at__lt=now - KEPT).order_by("created_at")
    forgotten = 0
    while batch := list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        forgotten += IdempotentAnswer.objects.filter(pk__in=batch).delete()[0]
    return forgotten


def _claim(request: HttpRequest, key: str) -> tuple[IdempotentAnswer, bool]:
    scope, now = _scope(request), clock.now()
    _forget_old(scope, key)
    try:
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(
                scope=scope, key=key, fingerprint=_fingerprint(request), created_at=now
            )
        return row, True
    except IntegrityError:
        first = IdempotentAnswer.objects.filter(scope=scope, key=key).first()
        # Gone since: the first call failed, so this one is the first.
        return (first, False) if first else _claim(request, key)


def _forget_old(scope: str, key: str) -> None:
    now = clock.now()
    same = IdempotentAnswer.objects.filter(scope=scope, key=key)
    same.filter(created_at__lt=now - KEPT).delete()
    same.filter(status=None, created_at__lt=now - GIVEN_UP).delete()


def _replay(row: IdempotentAnswer, request: HttpRequest) -> HttpResponse:
    if row.fingerprint != _fingerprint(request):
        return problem(
            status=422,
            code="idempotency_key_reused",
            detail=_("This key was used for another request before."),
        )
    if row.status is None:
        return problem(
            status=409,
            code="idempotency_key_in_use",
            detail=_("The first request with this key is still running."),
        )
    response = HttpResponse(bytes(row.body), status=row.status, content_type=row.content_type)
    response["Idempotent-Replayed"] = "true"
    return response


def _keep(row: IdempotentAnswer, request: HttpRequest, answer: Answer) -> HttpResponse:
    """Answer for the first time.

    A failure of ours is not kept, nor what only says that the caller may not do this now: they may sign in, wait or
    fetch a new token, and try again with the same key.
    """
    try:
        response = answer(request)
    except BaseException:
        row.delete()
        raise
    if response.status_code >= 500 or response.status_code in _NOT_KEPT or response.streaming:
        row.delete()
        return response
    IdempotentAnswer.objects.filter(pk=row.pk).update(
        status=response.status_code,
        body=response.content,
        content_type=response.headers.get("Content-Type", "")[:80],
    )
    return response


def _scope(request: HttpRequest) -> str:
    """Keys of different people never meet; a guest is known by their address."""
    if request.user.is_authenticated:
        return str(request.user.pk)
    return sha256(client_address(request).encode()).hexdigest()


def _fingerprint(request: HttpRequest) -> str:
    return sha256(
        b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    ).hexdigest()
