"""Stand-ins for the outside services, as programs of their own.

The product knows nothing of them but their addresses and keys.
"""
