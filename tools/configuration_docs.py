"""docs/configuration.md, written from the typed settings so that it is never stale."""

import argparse
import sys
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from config.env import Environment
from tools.bootstrap import ROOT

DOCUMENT = ROOT / "docs" / "configuration.md"
HEAD = """\
# Configuration

Every setting is an environment variable, typed and checked at start: a bad or missing value stops the process with
its name. This page is generated from `config/env.py` by `make docs`; edit it there.

`make demo` sets everything by itself. What you put in the environment wins, one setting at a time: `DATABASE_URL`
replaces the embedded PostgreSQL, a provider's key without an address (`STRIPE_SECRET_KEY`, `DAILY_API_KEY`,
`RESEND_API_KEY`) replaces its sandbox by the real service, a provider's address (`STRIPE_API_BASE`, `DAILY_API_URL`,
`RESEND_API_URL`) is used for the product's calls while the sandbox goes on running.

With `ENVIRONMENT=production` or `staging` every secret must be present and strong; `production` also refuses addresses
that are not https and Stripe's keys for tests. The key of Resend is asked for only when mail goes by Resend.

| Variable | Default | Meaning |
| --- | --- | --- |
"""


def page() -> str:
    """The whole document."""
    return HEAD + "".join(_row(name, field) for name, field in Environment.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{name.upper()}` | {_default(field)} | {_meaning(field)} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    shown = ",".join(field.default) if isinstance(field.default, tuple) else field.default
    return "" if shown in ("", None) else f"`{shown}`"


def _meaning(field: FieldInfo) -> str:
    described = (field.description or "").replace("|", "\\|")
    choices = " / ".join(f"`{choice}`" for choice in _choices(field.annotation))
    return f"{described} One of {choices}." if choices else described


def _choices(annotation: Any) -> tuple[str, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def main() -> int:
    """Write the document; with --check only say whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m tools.configuration_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the document is stale")
    if not parser.parse_args().check:
        DOCUMENT.write_text(page(), encoding="utf-8")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == page():
        print("docs/configuration.md is up to date")
        return 0
    print("docs/configuration.md is stale; run `make docs`")
    return 1


if __name__ == "__main__":
    sys.exit(main())
