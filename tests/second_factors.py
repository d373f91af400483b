"""Second factors of people, as they are after setting them up."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from callastar.accounts.models import User

CREDENTIAL_ID = bytes(range(32))
TOTP_PERIOD = 30  # seconds


def add_totp(user: User) -> str:
    """An authenticator app; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def current_code(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_PERIOD))


def add_recovery_codes(user: User) -> list[str]:
    """Ten codes."""
    return RecoveryCodes.activate(user).generate_codes()


def add_key(user: User, *, name: str) -> Authenticator:
    """A passkey whose private part nobody has kept."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    credential = AttestedCredentialData.create(
        Aaguid.NONE, CREDENTIAL_ID, ES256.from_cryptography_key(public)
    )
    data = AuthenticatorData.create(bytes(32), AuthenticatorData.FLAG.AT, 0, credential)
    answer = {
        "id": websafe_encode(CREDENTIAL_ID),
        "rawId": websafe_encode(CREDENTIAL_ID),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(b'{"type":"webauthn.create","challenge":"","origin":""}'),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return WebAuthn.add(user, name, answer).instance
