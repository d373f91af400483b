"""Resend's API, its webhooks, and a mailbox to read what was sent."""
