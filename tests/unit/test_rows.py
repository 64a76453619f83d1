"""Values as the tables have them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from aggregator.storage.rows import to_plain
from aggregator.types import Cause, Media, Month, Reason, State


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Month(2026, 10), "2026-10"),
        (State.APPROVED, "approved"),
        ((Media("https://a.example/1.png"),), [{"url": "https://a.example/1.png", "type": None}]),
        ((Reason(Cause.DEPTH, 0.4, "2,140 words"),), [["depth", 0.4, "2,140 words"]]),
        ({Cause.DEPTH: (np.float64(0.5),)}, {"depth": [0.5]}),
    ],
)
def test_values_of_own_types_become_those_of_the_tables(value: object, plain: Any) -> None:
    assert json.loads(json.dumps(to_plain(value))) == plain, "as columns of JSON have it"
    assert type(to_plain(value)) is type(plain)
