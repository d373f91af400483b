"""What all routes of the JSON API share: problems, idempotency, types of fields."""
