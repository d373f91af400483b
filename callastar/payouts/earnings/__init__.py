"""What creators read of their earnings: each figure comes from the journal (LE-2)."""
