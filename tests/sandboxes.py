"""The sandboxes as running programs: one for the whole run, emptied before each test that asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.contract.sandbox_program import SandboxProgram


def _run(name: str, folder: Path) -> Iterator[SandboxProgram]:
    program = SandboxProgram(name, folder)
    yield program
    program.kill()


def _fresh(program: SandboxProgram) -> SandboxProgram:
    program.ensure_running()
    program.control("POST", "reset")
    return program


@pytest.fixture(scope="session")
def stripe_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProgram]:
    yield from _run("stripe", tmp_path_factory.mktemp("stripe"))


@pytest.fixture(scope="session")
def daily_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProgram]:
    yield from _run("daily", tmp_path_factory.mktemp("daily"))


@pytest.fixture(scope="session")
def resend_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProgram]:
    yield from _run("resend", tmp_path_factory.mktemp("resend"))


@pytest.fixture
def stripe_sandbox(stripe_program: SandboxProgram) -> SandboxProgram:
    """Stripe's sandbox, empty: .url, .keys, .control(method, path, json), .restart(), .kill(), .start()."""
    return _fresh(stripe_program)


@pytest.fixture
def daily_sandbox(daily_program: SandboxProgram) -> SandboxProgram:
    """Daily's sandbox, empty."""
    return _fresh(daily_program)


@pytest.fixture
def resend_sandbox(resend_program: SandboxProgram) -> SandboxProgram:
    """Resend's sandbox, empty."""
    return _fresh(resend_program)


@pytest.fixture
def at_stripe(settings, monkeypatch, stripe_sandbox: SandboxProgram) -> SandboxProgram:
    """The product speaks to Stripe's sandbox, whose library waits less between its tries than it would for Stripe."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.02)
    settings.STRIPE_API_BASE = stripe_sandbox.url
    settings.STRIPE_SECRET_KEY = stripe_sandbox.keys["secret_key"]
    settings.STRIPE_PUBLISHABLE_KEY = stripe_sandbox.keys["publishable_key"]
    return stripe_sandbox


@pytest.fixture
def at_daily(settings, daily_sandbox: SandboxProgram) -> SandboxProgram:
    """The product speaks to Daily's sandbox."""
    settings.DAILY_API_URL = f"{daily_sandbox.url}/v1"
    settings.DAILY_API_KEY = daily_sandbox.keys["api_key"]
    return daily_sandbox
