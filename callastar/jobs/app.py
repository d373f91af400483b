"""Procrastinate's application: the queue lives in PostgreSQL beside everything else."""

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Called once Django is ready."""
