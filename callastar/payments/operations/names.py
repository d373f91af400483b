"""Names of the jobs of payments, for those who defer them."""

SYNC_CHARGE = "payments.sync_charge"
EXECUTE_REFUND = "payments.execute_refund"
EXECUTE_REVERSAL = "payments.execute_reversal"
EXECUTE_RESTITUTION = "payments.execute_restitution"
SETTLE_DISPUTE = "payments.settle_dispute"
RECOVER_DEBTS = "payments.recover_debts"
