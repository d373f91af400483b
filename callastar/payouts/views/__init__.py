"""Pages: earnings, payouts, statements."""
