"""``python -m sandboxes.daily``."""

import argparse
import secrets
import uuid

from sandboxes.daily.app import create_app
from sandboxes.kit.options import Key
from sandboxes.kit.server import main

KEYS = [
    Key("api_key", lambda: secrets.token_hex(32), "the API key of the domain"),
    Key("domain_id", lambda: str(uuid.uuid4()), "the id of the domain, found in every token"),
]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The one option that only Daily has."""
    parser.add_argument("--domain", default="sandbox", help="the name of the domain (default %(default)s)")


if __name__ == "__main__":
    main("daily", create_app, keys=KEYS, default_port=8702, add_options=add_options)
