"""How feeds.toml differs from the followed feeds, and whether that is applied without asking. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.locales import mark, t
from aggregator.types import Feed

#: Keys of feeds that a sentence names; the rest is a number.
_NAMED = 3
_NEW, _GONE, _CHANGED = mark("new: {keys}"), mark("gone: {keys}"), mark("changed: {keys}")


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
        for message, keys in ((_NEW, self.new), (_GONE, self.gone), (_CHANGED, self.changed)):
            if keys:
                more = len(keys) - _NAMED
                named = ", ".join(keys[:_NAMED])
                yield t(message, keys=t("{names} and {number} more", names=named, number=more) if more > 0 else named)


def compare_feeds(listed: Mapping[str, Feed], given: Sequence[Feed]) -> Difference:
    """Compare the *given* feeds with the followed ones as they were *listed*, by key."""
    keys = {feed.key for feed in given}
    return Difference(
        new=tuple(feed.key for feed in given if feed.key not in listed),
        gone=tuple(key for key in listed if key not in keys),
        changed=tuple(feed.key for feed in given if feed.key in listed and listed[feed.key] != feed),
        followed=len(listed),
    )
