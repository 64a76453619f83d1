"""How feeds.toml differs from what is followed, and whether that is taken over unasked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.types import Feed

#: Keys of feeds that are named in a sentence; of more, the number is told.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """The keys of feeds that feeds.toml describes otherwise than when it was last taken over."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    #: So many feeds are followed.
    followed: int

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)

    @property
    def is_drastic(self) -> bool:
        """Whether more than half of the feeds would be followed no more, which a wrong file would do as well."""
        return 2 * len(self.gone) > self.followed

    def __str__(self) -> str:
        return "; ".join(self._list_said())

    def _list_said(self) -> Iterator[str]:
        for name, keys in (("new", self.new), ("gone", self.gone), ("changed", self.changed)):
            if keys:
                more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
                yield f"{name}: {', '.join(keys[:_NAMED])}{more}"


def compare_feeds(listed: Mapping[str, Feed], given: Sequence[Feed]) -> Difference:
    """What *given* says otherwise than the followed feeds were *listed*, by their keys."""
    keys = {feed.key for feed in given}
    return Difference(
        new=tuple(feed.key for feed in given if feed.key not in listed),
        gone=tuple(key for key in listed if key not in keys),
        changed=tuple(feed.key for feed in given if feed.key in listed and listed[feed.key] != feed),
        followed=len(listed),
    )
