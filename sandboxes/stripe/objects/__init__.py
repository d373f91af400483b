"""New objects with every key that Stripe always sends."""
