"""Pages: booking an offer, paying it, one's bookings, the call."""
