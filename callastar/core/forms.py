"""Refusals on forms: beside the field they are about, else above the form."""

from django import forms

from callastar.core.errors import Refusal


def add_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show a refusal where the person can mend it."""
    about = {name: errors for name, errors in refusal.field_errors.items() if name in form.fields}
    for name, errors in about.items():
        for error in errors:
            form.add_error(name, error)
    if not about:
        form.add_error(None, refusal.detail)
