"""Slugs, links and fees of creators (PE-2)."""

from decimal import Decimal

import pytest

from callastar.creators.rules import (
    LinkProblem,
    Network,
    effective_fee_percent,
    is_slug,
    link_problem,
)


@pytest.mark.parametrize("slug", ["ada", "ada-lovelace", "a1-2b", "x" * 60])
def test_slugs(slug: str) -> None:
    """PE-2."""
    assert is_slug(slug)


@pytest.mark.parametrize(
    "slug",
    ["", "ab", "x" * 61, "Ada", "ada--l", "-ada", "ada-", "adé", "ada l", "a_b", "become", "ada\n", "../x"],
)
def test_what_is_no_slug(slug: str) -> None:
    """PE-2: what would break an address or is one already."""
    assert not is_slug(slug)


@pytest.mark.parametrize(
    ("network", "url"),
    [
        (Network.INSTAGRAM, "https://www.instagram.com/ada"),
        (Network.INSTAGRAM, "https://instagram.com/ada/"),
        (Network.TIKTOK, "https://www.tiktok.com/@ada"),
        (Network.X, "https://x.com/ada"),
        (Network.X, "https://mobile.twitter.com/ada"),
        (Network.OTHER, "https://ada.example/about?x=1"),
        (Network.OTHER, "https://xn--bcher-kva.example/"),
    ],
)
def test_links(network: Network, url: str) -> None:
    """PE-2."""
    assert link_problem(network, url) is None


@pytest.mark.parametrize(
    ("network", "url", "problem"),
    [
        (Network.INSTAGRAM, "http://instagram.com/ada", LinkProblem.NOT_HTTPS),
        (Network.INSTAGRAM, "https://instagram.com.evil.example/ada", LinkProblem.OTHER_HOST),
        (Network.INSTAGRAM, "https://notinstagram.com/ada", LinkProblem.OTHER_HOST),
        (Network.X, "https://tiktok.com/@ada", LinkProblem.OTHER_HOST),
        (Network.INSTAGRAM, "https://instagram.com@evil.example/", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "javascript:alert(1)", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://localhost/x", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://127.0.0.1/x", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://[::1]/x", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://ada.example:8443/", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://ada.example:x/", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://ada.example/a b", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "ada.example", LinkProblem.NOT_A_WEB_ADDRESS),
        (Network.OTHER, "https://", LinkProblem.NOT_A_WEB_ADDRESS),
    ],
)
def test_links_that_are_not_taken(network: Network, url: str, problem: LinkProblem) -> None:
    """PE-2: https, a public host, the network's own."""
    assert link_problem(network, url) is problem


def test_the_fee_is_the_platforms_unless_agreed_otherwise() -> None:
    """PE-2: an override of nothing is an override."""
    assert effective_fee_percent(None, Decimal(15)) == 15
    assert effective_fee_percent(Decimal("7.5"), Decimal(15)) == Decimal("7.5")
    assert effective_fee_percent(Decimal(0), Decimal(15)) == 0
