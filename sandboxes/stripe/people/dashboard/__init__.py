"""What happened in the sandbox, for people, with buttons for the controls."""
