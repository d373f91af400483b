"""What is compared one by one: how Stripe lists it, how we have it, and how one of them is asked for again."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

from callastar.core.errors import ProviderError
from callastar.ledger.rules import NOT_HERE, UNKNOWN, Found, Side, compare
from callastar.payments.models import Payment
from callastar.payouts.operations.reconcile.journal import Window
from callastar.providers.stripe.errors import RESOURCE_MISSING

CHUNK = 500


class Subject(Protocol):
    """One kind of Stripe's objects."""

    noun: str

    def listed(self, window: Window) -> Iterator[Side]:
        """Those that Stripe has, made within a time. Raises `ProviderError` at any page."""

    def asked(self, id: str) -> Side:
        """One of them, as it is now. Raises `ProviderError`."""

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """What we have of these, by Stripe's ids."""

    def known(self, window: Window) -> Iterable[str]:
        """Stripe's ids of those that we have from within a time."""


class Comparison:
    """One run's comparison of single objects; remembers the charges that are none of ours, and counts."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts
        self._strangers: set[str] = set()

    def differing(self, subject: Subject, window: Window) -> Iterator[tuple[str, list[Found]]]:
        """Ids of objects within a time that the two sides do not agree on, with what they do not agree on."""
        seen: set[str] = set()
        for chunk in in_chunks(subject.listed(window), CHUNK):
            seen |= {side.id for side in chunk}
            yield from self._compare(subject, chunk)
        unseen = (id_ for id_ in set(subject.known(window)) if id_ not in seen)
        for ids in in_chunks(unseen, CHUNK):
            ours = subject.ours([], ids)
            yield from ((id_, compare(ours[id_], None)) for id_ in ids if id_ in ours)

    def again(self, subject: Subject, id: str) -> list[Found]:
        """The same for one object, with both sides read afresh. Raises `ProviderError`."""
        try:
            theirs = subject.asked(id)
        except ProviderError as error:
            if error.code != RESOURCE_MISSING:
                raise
            return compare(subject.ours([], [id]).get(id), None)
        return next((found for _, found in self._compare(subject, [theirs])), [])

    def _compare(self, subject: Subject, sides: Collection[Side]) -> Iterator[tuple[str, list[Found]]]:
        """Charges that no payment of ours belongs to are told once, and not what became of them."""
        left_out = _of_tests(sides)
        ours = subject.ours(sides, [side.id for side in sides])
        strangers = _without_payment(sides) if subject.noun == "charge" else set()
        self._strangers |= strangers
        self.counts[subject.noun] = self.counts.get(subject.noun, 0) + len(sides)
        for side in sides:
            if side.charge in left_out or (side.charge in self._strangers and side.charge != side.id):
                continue
            is_stranger = side.id in strangers
            found = compare(
                None if is_stranger else ours.get(side.id), side, absent=UNKNOWN if is_stranger else NOT_HERE
            )
            if found:
                yield side.id, found


def _of_tests(sides: Collection[Side]) -> set[str]:
    """The charges among those that these came from whose payments only test the site."""
    tests = Payment.objects.filter(is_test=True, charge_id__in={side.charge for side in sides if side.charge})
    return set(tests.values_list("charge_id", flat=True))


def _without_payment(charges: Collection[Side]) -> set[str]:
    """Charges whose intent no payment of ours has."""
    intents = {side.intent for side in charges if side.intent}
    known = set(Payment.objects.filter(intent_id__in=intents).values_list("intent_id", flat=True))
    return {side.id for side in charges if side.intent not in known}


T = TypeVar("T")


def in_chunks(found: Iterable[T], size: int) -> Iterator[list[T]]:
    """What is read, in lists of at most `size`."""
    iterator = iter(found)
    while chunk := list(islice(iterator, size)):
        yield chunk
