"""Names of the jobs of payouts, for those who defer them."""

SEND_PAYOUT = "payouts.send_payout"
