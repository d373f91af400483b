"""Make a fresh clone ready: Python packages, Node packages, style sheet and scripts, catalogues, static files.

    python3 -m tools.bootstrap

Needs Python 3.11 and nothing else; what is already there and current is left alone. Standard library only.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tools import stamps

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
# What the static files can be collected with: nothing is connected to.
NO_SERVICES = {"DATABASE_URL": "postgresql:///nothing", "ENVIRONMENT": "development"}

Command = list[str | Path]


class Failed(Exception):
    """A step did not work; the message is for a person."""


def main() -> int:
    """Run every step that is due; returns an exit code."""
    if sys.version_info < OLDEST:
        print(
            f"Call a Star needs Python 3.11 or newer, this is {sys.version.split()[0]}; try PYTHON=python3.12 make …"
        )
        return 1
    (ROOT / ".build").mkdir(exist_ok=True)
    with (ROOT / ".build" / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            prepare()
        except Failed as failure:
            print(f"\n{failure}", file=sys.stderr)
            return 1
    return 0


def prepare() -> None:
    """All steps in order, each only if its inputs changed."""
    _step("Python packages", VENV, _python_inputs(), _install_python_packages)
    _step("Node packages", ROOT / "node_modules", _node_inputs(), _install_node_packages)
    built = _step("style sheet and scripts", ROOT / "static", _asset_inputs(), _build_assets)
    _run([PYTHON, "-m", "tools.catalogue", "compile"], "compiling the catalogues")
    collected = stamps.digest([REQUIREMENTS, ROOT / "static", ROOT / "config" / "settings.py"])
    if _step("static files", ROOT / ".build" / "static", collected, _collect_static) or built:
        print("  everything is in place", flush=True)


def _step(name: str, folder: Path, made_from: str, work: Callable[[], None]) -> bool:
    def announced() -> None:
        print(f"  {name} …", flush=True)
        work()

    began = time.monotonic()
    done = stamps.make(folder, made_from, announced)
    if done:
        print(f"  {name}: {time.monotonic() - began:.1f} s", flush=True)
    return done


def _python_inputs() -> str:
    return stamps.digest([REQUIREMENTS], sys.version, str(VENV))


def _node_inputs() -> str:
    return stamps.digest([ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"], str(ROOT))


def _asset_inputs() -> str:
    sources = [ROOT / "assets", ROOT / "templates", *(ROOT / "callastar").rglob("*.py")]
    return stamps.digest([*sources, ROOT / "package-lock.json", ROOT / "tools" / "build_assets.mjs"])


def _install_python_packages() -> None:
    if not PYTHON.exists():
        try:
            _run([sys.executable, "-m", "venv", VENV], "making .venv")
        except Failed as failure:
            raise Failed(f"{failure}\nOn Debian and Ubuntu: apt-get install python3-venv") from None
    pip: Command = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    uv: Command = [VENV / "bin" / "uv", "pip", "install", "-q", "--python", PYTHON]
    pinned: Command = ["--require-hashes", "-r", REQUIREMENTS / "dev.txt"]
    try:
        _run([*pip, "--require-hashes", "-r", REQUIREMENTS / "bootstrap.txt"], "installing uv")
        _run([*uv, *pinned], "installing packages with uv")
    except Failed as failure:
        print(f"  {failure}; trying pip instead", flush=True)
        _run([*pip, *pinned], "installing packages with pip")


def _install_node_packages() -> None:
    npm = "import sys; from tools import node; sys.exit(node.npm('ci', '--no-progress', '--loglevel=error'))"
    _run([PYTHON, "-c", npm], "installing Node packages")


def _build_assets() -> None:
    _run([PYTHON, "-m", "tools.build_assets"], "building style sheet and scripts")


def _collect_static() -> None:
    collect: Command = [PYTHON, "manage.py", "collectstatic", "--noinput", "--clear", "-v", "0"]
    _run(collect, "collecting static files", extra_environment=NO_SERVICES)


def _run(command: Command, doing: str, extra_environment: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **(extra_environment or {})}
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise Failed(f"{doing} failed")


if __name__ == "__main__":
    raise SystemExit(main())
