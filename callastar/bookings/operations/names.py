"""Names of the jobs of bookings, for those who defer them."""

EXPIRE_HOLD = "bookings.expire_hold"
CLOSE_PAYMENT = "bookings.close_payment"
SETTLE_PAYMENT = "bookings.settle_payment"
