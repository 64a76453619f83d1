"""How feeds.toml differs from the followed feeds, and whether that is applied without asking. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.locales import mark, t
from aggregator.types import Feed

#: Keys of feeds that a sentence names; the rest is a number.
_NAMED = 3
# By field: how its keys are told, and how if there are more of them.
_SAID = {
    "new": (mark("new: {keys}"), mark("new: {keys} and {number} more")),
    "gone": (mark("gone: {keys}"), mark("gone: {keys} and {number} more")),
    "changed": (mark("changed: {keys}"), mark("changed: {keys} and {number} more")),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The keys of feeds whose description in feeds.toml has changed since it was last applied."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    #: The number of followed feeds.
    followed: int

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)

    @property
    def is_drastic(self) -> bool:
        """Whether more than half of the feeds would no longer be followed, as with a wrong file."""
        return 2 * len(self.gone) > self.followed

    def __str__(self) -> str:
        return "; ".join(self._list_said())

    def _list_said(self) -> Iterator[str]:
        for name, (all_of_them, some) in _SAID.items():
            if keys := getattr(self, name):
                message = all_of_them if len(keys) <= _NAMED else some
                yield t(message, keys=", ".join(keys[:_NAMED]), number=len(keys) - _NAMED)


def compare_feeds(listed: Mapping[str, Feed], given: Sequence[Feed]) -> Difference:
    """Compare the *given* feeds with the followed ones as they were *listed*, by key."""
    keys = {feed.key for feed in given}
    return Difference(
        new=tuple(feed.key for feed in given if feed.key not in listed),
        gone=tuple(key for key in listed if key not in keys),
        changed=tuple(feed.key for feed in given if feed.key in listed and listed[feed.key] != feed),
        followed=len(listed),
    )
