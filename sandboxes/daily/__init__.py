"""A stand-in for Daily.co: its REST API, its webhooks and a two-person room page."""
