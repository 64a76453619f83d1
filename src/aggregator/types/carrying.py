"""How values go from one process to another."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def carried(kind: type[T]) -> type[T]:
    """Let the values of a frozen dataclass with slots, two or more, be pickled quickly. As ``dataclasses`` does it, the
    fields of the class are asked for with each value; a visit brings thousands.
    """
    names: tuple[str, ...] = kind.__slots__  # type: ignore[attr-defined]
    read = attrgetter(*names)
    setters = [getattr(kind, name).__set__ for name in names]

    def save(value: T) -> tuple[Any, ...]:
        state: tuple[Any, ...] = read(value)
        return state

    def restore(value: T, state: tuple[Any, ...]) -> None:
        for put, part in zip(setters, state, strict=True):
            put(value, part)

    kind.__getstate__ = save  # type: ignore[method-assign, assignment]
    kind.__setstate__ = restore  # type: ignore[attr-defined]
    return kind
