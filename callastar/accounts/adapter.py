"""How allauth's sign-in behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and mails of the accounts."""


class MFAAdapter(DefaultMFAAdapter):
    """Second factors."""
