"""Which constraint of the database was violated: what the database refuses becomes a refusal with a reason."""

from django.db import IntegrityError


def violated(error: IntegrityError) -> str:
    """The name of the constraint that PostgreSQL reports, or an empty text."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
