"""How a sandbox was started: command line and keys."""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes.kit.control import is_loopback


@dataclass(frozen=True)
class Key:
    """A secret of a sandbox: its name (option ``--api-key`` for ``api_key``), how to make one, what it is."""

    name: str
    generate: Callable[[], str]
    help: str

    @property
    def option(self) -> str:
        """The name on the command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class Options:
    """What a sandbox is told when it starts. ``args`` holds the options that are its own."""

    name: str
    data_dir: Path
    public_url: str
    keys: dict[str, str]
    args: argparse.Namespace = field(default_factory=argparse.Namespace)


def parser(name: str, keys: Sequence[Key], default_port: int) -> argparse.ArgumentParser:
    """The options every sandbox has."""
    parser = argparse.ArgumentParser(
        prog=f"python -m sandboxes.{name}", description=f"A stand-in for {name}."
    )
    parser.add_argument(
        "--port", type=int, default=default_port, help="0 takes a free one (default %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--data", type=Path, default=Path(".demo") / name, help="folder of the state (default %(default)s)"
    )
    parser.add_argument("--public-url", help="address under which people and programs see it, if another")
    parser.add_argument(
        "--allow-remote", action="store_true", help="let --host be an address others can reach"
    )
    for key in keys:
        parser.add_argument(key.option, help=f"{key.help} (default: made once, kept in keys.json)")
    return parser


def refuse_unsafe(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """End the program rather than serve strangers or a real site."""
    if os.environ.get("ENVIRONMENT") == "production":
        parser.error("a sandbox does not run where ENVIRONMENT is production")
    if not is_loopback(args.host) and not args.allow_remote:
        parser.error(f"{args.host} is not this machine alone; --allow-remote if you mean it")


def load_keys(data_dir: Path, keys: Sequence[Key], args: argparse.Namespace) -> dict[str, str]:
    """The keys: given ones, else those of the last start, else new ones; kept in keys.json, owner only."""
    path = data_dir / "keys.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    values = {key.name: getattr(args, key.name) or known.get(key.name) or key.generate() for key in keys}
    if values != known:
        data_dir.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(values, file, indent=2)
    return values
