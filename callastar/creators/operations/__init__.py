"""Writes of creators."""

from callastar.creators.operations.account import apply_account_update, refresh_account, start_onboarding
from callastar.creators.operations.currency import creator_currency, creator_currency_by_account
from callastar.creators.operations.mail_style import StyleData, set_mail_style
from callastar.creators.operations.profile import ProfileData, become_creator, set_terms, update_profile
from callastar.creators.operations.reconcile import reconcile_accounts

__all__ = [
    "ProfileData",
    "StyleData",
    "apply_account_update",
    "become_creator",
    "creator_currency",
    "creator_currency_by_account",
    "reconcile_accounts",
    "refresh_account",
    "set_mail_style",
    "set_terms",
    "start_onboarding",
    "update_profile",
]
