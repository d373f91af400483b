"""``python -m sandboxes.stripe --port … --data …``"""

import argparse

from sandboxes.kit.options import Key
from sandboxes.kit.server import main
from sandboxes.stripe.app import create_app
from sandboxes.stripe.wire.ids import new_id, token

KEYS = [
    Key("secret_key", lambda: "sk_test_" + token(99), "the platform's secret key"),
    Key("publishable_key", lambda: "pk_test_" + token(99), "the platform's publishable key"),
    Key("platform_account", lambda: new_id("acct"), "the id of the platform's account"),
    Key("application", lambda: "ca_" + token(32), "the id of the platform's Connect application"),
]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where the platform is at home."""
    parser.add_argument("--country", default="FR", help="the platform's country (default %(default)s)")
    parser.add_argument("--currency", default="eur", help="the platform's own currency (default %(default)s)")


if __name__ == "__main__":
    main("stripe", create_app, keys=KEYS, default_port=8701, add_options=add_options)
