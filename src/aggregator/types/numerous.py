"""Values that a visit makes by the thousand."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def numerous(kind: type[T]) -> type[T]:
    """Make a dataclass of two fields or more whose values are quickly made, and quickly carried between processes.

    Its values have slots, are compared and hashed by their fields, and nobody may change one: the type checker holds
    that. A guard at run time (``frozen``) costs four times as long as all else of making a value.
    """
    made = dataclass(slots=True, unsafe_hash=True)(kind)
    read = attrgetter(*made.__slots__)  # type: ignore[attr-defined]

    def reduce(value: T) -> tuple[type[T], Any]:
        return made, read(value)

    made.__reduce__ = reduce  # type: ignore[method-assign, assignment]
    return made
