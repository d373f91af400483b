"""Known weaknesses in the pinned packages, when the advisory service can be asked; says so when it cannot."""

import json
import subprocess
import sys

from tools.bootstrap import REQUIREMENTS, VENV

OPTIONS = [
    "--disable-pip",
    "--require-hashes",
    "--progress-spinner",
    "off",
    "--timeout",
    "5",
    "--format",
    "json",
]


def _why_not(packages: list[dict[str, str]], complaint: str) -> str:
    """Why nothing was looked up; pip-audit counts a package that it could not ask about as one without weakness."""
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    return f"no advisory was found for any package; {skipped[0]}" if skipped else complaint.strip()[-200:]


def main() -> int:
    """Fail if a package of the running product has a known weakness."""
    command = [str(VENV / "bin" / "pip-audit"), *OPTIONS, "-r", str(REQUIREMENTS / "runtime.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    packages = json.loads(done.stdout)["dependencies"] if done.stdout else []
    weak = [package for package in packages if package.get("vulns")]
    asked = [package for package in packages if "vulns" in package]
    for package in weak:
        names = ", ".join(weakness["id"] for weakness in package["vulns"])
        print(f"{package['name']} {package['version']}: {names}")
    if not asked:
        print(f"not audited: {_why_not(packages, done.stderr)}")
    elif not weak:
        print(f"{len(asked)} packages without a known weakness")
    return int(bool(weak))


if __name__ == "__main__":
    sys.exit(main())
