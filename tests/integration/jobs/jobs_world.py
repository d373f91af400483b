"""Jobs that do what a test says."""

from dataclasses import replace as with_other

from callastar.jobs import registry


def replace(monkeypatch, name, work):
    """Let a job of the registry do something else for the length of a test."""
    job = with_other(registry.job_named(name), run=work)
    monkeypatch.setitem(registry._BY_NAME, name, job)
