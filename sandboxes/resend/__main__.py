"""``python -m sandboxes.resend --port … --data …``"""

from sandboxes.kit.options import Key
from sandboxes.kit.server import main
from sandboxes.resend.app import add_options, create_app
from sandboxes.resend.signature import new_api_key, new_signing_secret

if __name__ == "__main__":
    main(
        "resend",
        create_app,
        keys=[
            Key("api_key", new_api_key, "the key that requests must carry"),
            Key("webhook_secret", new_signing_secret, "signs the webhooks sent to --webhook-url"),
        ],
        default_port=8703,
        add_options=add_options,
    )
