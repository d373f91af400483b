"""All that is checked without running the product: every check runs, one summary says what failed."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from tools.bootstrap import NO_SERVICES, ROOT, VENV

PYTHON = str(VENV / "bin" / "python")
BIN = str(VENV / "bin") + "/"
WITH_POSTGRES = [PYTHON, "-m", "tools.embedded_postgres", "run", "--data", ".build/postgres-check", "--"]
CHECKS: dict[str, Sequence[str]] = {
    "types": [BIN + "mypy"],
    "lint": [BIN + "ruff", "check", "."],
    "format": [BIN + "ruff", "format", "--check", "."],
    "imports": [BIN + "lint-imports", "--no-logo"],
    "templates": [BIN + "djlint", "templates", "--lint", "--quiet"],
    "catalogues": [PYTHON, "-m", "tools.catalogue", "check"],
    "migrations": [*WITH_POSTGRES, PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "django": [PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
    "asset sizes": [PYTHON, "-m", "tools.asset_sizes"],
    "documents": [PYTHON, "-m", "tools.configuration_docs", "--check"],
    "audit": [PYTHON, "-m", "tools.audit"],
}


@dataclass(frozen=True)
class Outcome:
    """How a check went."""

    name: str
    passed: bool
    output: str
    seconds: float


def main() -> int:
    """Run the checks, two at a time, print what the failed ones say and a summary; fail if any failed."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = [_shown(future) for future in [pool.submit(_run, *check) for check in CHECKS.items()]]
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(f"\n{len(outcomes) - len(failed)} of {len(outcomes)} checks passed" + _listed(failed))
    return int(bool(failed))


def _run(name: str, command: Sequence[str]) -> Outcome:
    began = time.monotonic()
    environment = {**os.environ, **NO_SERVICES, "NO_COLOR": "1"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(name, done.returncode == 0, done.stdout.strip(), time.monotonic() - began)


def _shown(future: Future[Outcome]) -> Outcome:
    outcome = future.result()
    last = outcome.output.splitlines()[-1:] if outcome.passed else []
    mark = "ok    " if outcome.passed else "FAILED"
    print(f"{mark} {outcome.name:<12} {outcome.seconds:5.1f} s  {''.join(last)[:90]}", flush=True)
    if not outcome.passed:
        print("\n".join(f"       {line}" for line in outcome.output.splitlines()), flush=True)
    return outcome


def _listed(failed: Sequence[str]) -> str:
    return f"; failed: {', '.join(failed)}" if failed else ""


if __name__ == "__main__":
    sys.exit(main())
