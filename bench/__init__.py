"""Measurements, as ratios within one run: machines differ, ratios much less."""
