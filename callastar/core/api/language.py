"""The language of the API's answers."""

from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header


def accepted_language(header: str) -> str:
    """What an `Accept-Language` header asks for; English when it names nothing that we speak."""
    for wanted, _weight in parse_accept_lang_header(header):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return "en"
