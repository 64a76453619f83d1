"""Says in the reader's language what was stored as an English sentence, such as the evidence for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter

from aggregator.locales import ENGLISH, get_language, t


def retell(stored: str, messages: Sequence[str]) -> str:
    """Say a stored sentence again, by the first of the *messages* that it was made from; else as it is stored.

    What is filled in is said again in the same way.
    """
    if get_language() == ENGLISH:
        return stored
    for message in messages:
        values = _read_values(message, stored)
        if values is not None:
            return t(message, **{name: retell(value, messages) for name, value in values.items()})
    return stored


def _read_values(message: str, said: str) -> dict[str, str] | None:
    """Find the values that make *said* of the message; None if it was made from another one."""
    literals, names = [], []
    for literal, name, _, _ in Formatter().parse(message):
        literals.append(literal)
        names += [name] if name else []
    if len(literals) == len(names):
        literals.append("")
    if not names:
        return {} if said == message else None
    first, *between, last = literals
    if not (said.startswith(first) and said.endswith(last)):
        return None
    values: dict[str, str] = {}
    rest = said[len(first) : len(said) - len(last)]
    for name, literal in zip(names, between, strict=False):
        value, found, rest = rest.partition(literal)
        if not found:
            return None
        values[name] = value
    return {**values, names[-1]: rest}
