"""One embedded PostgreSQL for the whole run, started before Django reads its settings.

The settings module is named here and not in `pyproject.toml`: from there pytest-django would load it before this
file has provided DATABASE_URL. Workers of pytest-xdist inherit the variable from the process that started them.
"""

import atexit
import gc
import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools.embedded_postgres import first_free

ROOT = Path(__file__).resolve().parent.parent


def _provide_database() -> None:
    if os.environ.get("DATABASE_URL"):
        return
    running = ExitStack()
    server = running.enter_context(first_free(ROOT / ".build" / "postgres-tests", durable=False))
    atexit.register(running.close)
    os.environ["DATABASE_URL"] = server.url


def _configure_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["ENVIRONMENT"] = "test"
    os.environ.setdefault("STUN_URLS", "")  # nobody outside is asked
    import django
    from django.conf import settings

    # Before the folders' own conftest files, which import models: pytest-django would come after them.
    django.setup()
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # The tests' own database is emptied between them, and the journal with it: elsewhere the database refuses that.
    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c callastar.journal_may_be_emptied=on"


_provide_database()
_configure_django()

from tests import emptying, log_search  # noqa: E402
from tests.sandboxes import (  # noqa: E402, F401 - fixtures for all tests
    at_daily,
    at_stripe,
    daily_program,
    daily_sandbox,
    resend_program,
    resend_sandbox,
    stripe_program,
    stripe_sandbox,
)

emptying.install()
log_search.install()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A test that wrote a secret into a log has failed."""
    log_search.fail_if_found()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again takes seconds in all."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that drive a browser come last.

    Playwright keeps an event loop running in its process, in which asyncio tests cannot start theirs; and the site that
    the journeys share has a worker, which would work off other tests' jobs. The crawls are the longest: one each for
    the workers of a run, which are done with the rest together.
    """
    in_browser = {item.path for item in items if _drives_browser(item)}
    items.sort(key=lambda item: (item.path in in_browser, "test_every_page" not in item.path.name))


def _drives_browser(item: pytest.Item) -> bool:
    return not {"playwright", "site"}.isdisjoint(getattr(item, "fixturenames", ()))
