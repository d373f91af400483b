"""Uploaded files as they were stored: names are random and never used twice, so browsers may keep them for a year."""

import re
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

_OURS = re.compile(r"[a-z]+/[0-9a-f]{32}\.webp")
_TYPES = {".webp": "image/webp"}


@require_safe
def serve(request: HttpRequest, name: str) -> HttpResponse:
    """One stored image. Only names that this product gives are looked up; the rest is not found."""
    if not _OURS.fullmatch(name) or not default_storage.exists(name):
        raise Http404
    with default_storage.open(name) as file:
        response = HttpResponse(file.read(), content_type=_TYPES[PurePosixPath(name).suffix])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
