"""Meeting tokens: HS256 JWTs with Daily's abbreviated claims, signed with the API key.

The abbreviations are those of Daily's guide to self-signed tokens.
"""

from __future__ import annotations

from typing import Any

import jwt

from sandboxes.daily import parameters
from sandboxes.daily.errors import invalid_request
from sandboxes.daily.service import Service

ALGORITHM = "HS256"

#: Property of the REST call -> claim of the token.
CLAIMS = {
    "auto_start_transcription": "ast",
    "close_tab_on_exit": "ctoe",
    "eject_after_elapsed": "eje",
    "eject_at_token_exp": "ejt",
    "enable_live_captions_ui": "elcui",
    "enable_prejoin_ui": "epui",
    "enable_recording": "er",
    "enable_recording_ui": "erui",
    "enable_screenshare": "ss",
    "enable_terse_logging": "etl",
    "exp": "exp",
    "intercom_join_alert": "ij",
    "is_owner": "o",
    "knocking": "k",
    "lang": "uil",
    "meeting_join_hook": "mjh",
    "nbf": "nbf",
    "permissions": "p",
    "redirect_on_meeting_exit": "rome",
    "room_name": "r",
    "start_audio_off": "ao",
    "start_cloud_recording": "sr",
    "start_cloud_recording_opts": "sro",
    "start_video_off": "vo",
    "user_id": "ud",
    "user_name": "u",
}


class UnusableToken(Exception):
    """The text is not a token signed with this domain's key."""


def create_token(service: Service, *, body: dict[str, Any]) -> dict[str, str]:
    """``POST /meeting-tokens``. The room need not exist yet, as with Daily."""
    parameters.check(schema="CreateMeetingTokenRequest", body=body)
    properties = body["properties"]
    _check_properties(properties, now=service.now())
    claims = {CLAIMS[name]: value for name, value in properties.items()}
    claims |= {"d": service.domain_id, "iat": int(service.now())}
    return {"token": jwt.encode(claims, service.api_key, algorithm=ALGORITHM)}


def _check_properties(properties: dict[str, Any], *, now: float) -> None:
    parameters.check_times(properties, now=now)
    parameters.check_positive(properties, "eject_after_elapsed")
    if "room_name" in properties:
        parameters.check_name(properties["room_name"])
    user_id = properties.get("user_id", "")
    if len(user_id) > parameters.USER_ID_LIMIT:
        raise invalid_request(
            f"user_id was '{user_id}', expected at most {parameters.USER_ID_LIMIT} characters"
        )


def read_token(service: Service, token: str) -> dict[str, Any]:
    """The claims of a token of this domain, times unchecked: the sandbox has a clock of its own."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            service.api_key,
            algorithms=[ALGORITHM],
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise UnusableToken(str(error)) from error
    if claims.get("d") != service.domain_id:
        raise UnusableToken("the token belongs to another domain")
    return claims


def validate_token(service: Service, token: str, *, query: dict[str, str]) -> dict[str, Any]:
    """``GET /meeting-tokens/:token``: the properties under their long names, 400 when it cannot be used now."""
    parameters.check_query(query=query, known={"ignoreNbf"})
    try:
        claims = read_token(service, token)
    except UnusableToken:
        raise invalid_request("token is invalid") from None
    now = service.now()
    if "exp" in claims and claims["exp"] <= now:
        raise invalid_request(f"token is invalid: exp was '{claims['exp']}', which is in the past")
    if claims.get("nbf", 0) > now and query.get("ignoreNbf") != "true":
        raise invalid_request(f"token is invalid: nbf was '{claims['nbf']}', which is in the future")
    return {name: claims[claim] for name, claim in CLAIMS.items() if claim in claims}
