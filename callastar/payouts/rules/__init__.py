"""Decisions about payouts: when, whether, of what and how much. Pure functions over plain values.

Amounts are minor units of one currency, moments are aware datetimes; whoever asks keeps currencies apart.
"""
