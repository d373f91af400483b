"""Texts of allauth that our catalogues word better: gettext asks the project's catalogues before those of an app."""

from django.utils.translation import gettext_noop as _

REWORDED = (
    _("Email"),
    _("Authenticator code"),
    _("Use your password"),
    _("Use authenticator app or code"),
    _("Use a security key"),
    _("Master key"),
    _("Backup key"),
    _("Key nr. {number}"),
    _("Be patient, you are sending too many requests."),
    _("Invalid or expired key."),
)
