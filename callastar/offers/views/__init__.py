"""Pages: what everybody sees of creators and their offers, and the creator's studio."""
