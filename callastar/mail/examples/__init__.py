"""Examples of every mail in all that it may say, written by the functions that write the real ones.

Staff look at them in the back office, tests look through all of them. A new mail gets its example in one of the
modules here; each takes a `Scene`, so that tests can play the same with names that are hard to write.
"""

from collections.abc import Callable, Iterator, Mapping

from django.utils import translation

from callastar.mail.examples.account import account
from callastar.mail.examples.bookings import bookings
from callastar.mail.examples.call_news import moves, outcomes, requests, reviews
from callastar.mail.examples.example import Example, Group, Reader
from callastar.mail.examples.money import money
from callastar.mail.examples.payouts import payouts
from callastar.mail.examples.reminders import reminders
from callastar.mail.examples.scene import Makes, Scene, usual_scene
from callastar.mail.examples.team import team

_BOOKS: Mapping[Group, Callable[[Scene], Makes]] = {
    Group.ACCOUNT: account,
    Group.BOOKINGS: bookings,
    Group.REMINDERS: reminders,
    Group.MOVES: moves,
    Group.REQUESTS: requests,
    Group.OUTCOMES: outcomes,
    Group.REVIEWS: reviews,
    Group.PAYOUTS: payouts,
    Group.MONEY: money,
    Group.TEAM: team,
}


def examples_of(scene: Scene) -> dict[str, Example]:
    """All examples by their names, those of a group together."""
    return {example.name: example for group in Group for example in _of_group(group, scene)}


def usual_examples(locale: str) -> dict[str, Example]:
    """The examples with what people usually write in a language."""
    with translation.override(locale):
        return examples_of(usual_scene())


def _of_group(group: Group, scene: Scene) -> Iterator[Example]:
    """What is written for a group; the first mail of each template also in its creator's words, where it can be."""
    styled = set()
    for name, (make, arguments) in _BOOKS[group](scene).items():
        example = Example(name=name, group=group, scene=scene, make=make, arguments=arguments)
        yield example
        if example.can_be_styled and example.template not in styled:
            styled.add(example.template)
            yield example.styled()


__all__ = ["Example", "Group", "Reader", "examples_of", "usual_examples"]
