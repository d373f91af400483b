"""The protocol: forms in, JSON out, keys, errors, lists, expansion, idempotent replays."""
