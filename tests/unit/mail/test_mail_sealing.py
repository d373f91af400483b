"""Secret links while their mail waits (EM-1)."""

import pytest
from cryptography.fernet import InvalidToken
from pytest_django import Settings

from callastar.mail.sealing import masks, reveal_html, reveal_text, seal, unseal

SECRETS = {"action_url": 'https://site.example/?a=1&b="2"'}


def test_sealed_links_come_back_and_cannot_be_read() -> None:
    """EM-1."""
    sealed = seal(SECRETS)
    assert "site.example" not in sealed
    assert unseal(sealed) == SECRETS


def test_nothing_is_sealed_as_nothing() -> None:
    assert seal({}) == ""
    assert unseal("") == {}


def test_a_rotated_key_still_opens_what_waits(settings: Settings) -> None:
    """EM-1: no mail is lost when the site's secret changes."""
    settings.SECRET_KEY = "the old secret"
    sealed = seal(SECRETS)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new secret", ["the old secret"]
    assert unseal(sealed) == SECRETS
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        unseal(sealed)


def test_masks_give_way_to_the_links() -> None:
    """EM-1, EM-2: the bytes that leave depend on the stored copy and the links only."""
    mask = masks(SECRETS)["action_url"]
    assert reveal_text(f"Go to {mask}.", SECRETS) == f"Go to {SECRETS['action_url']}."
    assert reveal_html(f'<a href="{mask}">', SECRETS) == (
        '<a href="https://site.example/?a=1&amp;b=&quot;2&quot;">'
    )
