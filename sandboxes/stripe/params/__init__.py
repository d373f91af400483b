"""Which parameters each endpoint takes, and what their values must look like."""
