"""Illustrated portraits and banners, drawn by rule: the same creator always looks the same."""
