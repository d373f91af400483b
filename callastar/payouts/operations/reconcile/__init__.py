"""Comparing our books with Stripe."""

from callastar.payouts.operations.reconcile.run import LOOK_BACK, reconcile_ledger

__all__ = ["LOOK_BACK", "reconcile_ledger"]
