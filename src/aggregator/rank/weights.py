"""The curator's settings for the ranking. Loads no large library, because every command reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggregator.types import Override, Weight

#: The factor of each kind of reason: 1, or no entry, leaves it as learned; 0 ignores it.
Weights = Mapping[Weight, float]


def find_in_force(history: Sequence[Override], listed: Mapping[str, float]) -> dict[str, float]:
    """Return the curator's overrides that are in force, by name.

    The last one of each name is in force, unless feeds.toml has changed that value since. *history* is in order;
    *listed* has the present values of feeds.toml.
    """
    last = {override.name: override for override in history}
    return {
        name: override.value
        for name, override in last.items()
        if override.value is not None and override.listed == listed.get(name) and override.value != override.listed
    }
