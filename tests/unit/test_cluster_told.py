"""A cluster in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.pipeline.cluster_note import ClusterNote
from aggregator.words.state import say_cluster
from world import NOW

_NOTE = ClusterNote(7, NOW, "tcp://10.1.0.1:8786", ("a", "b"), {}, units=1200, lost=0, deaths=0)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (None, "tcp://c:1; the daemon has not looked yet"),
        (_NOTE, "tcp://c:1, 2 workers, 1,200 units done (20 minutes ago)"),
        (
            replace(_NOTE, workers=(), others={"c": "0.0.9"}, units=1, lost=2, deaths=3),
            "tcp://c:1, 0 workers, 1 of another version, 1 unit done, 2 lost and done again, 3 workers went away (20 minutes ago)",
        ),
        (
            replace(_NOTE, scheduler="", workers=()),
            "tcp://c:1 is not reached; the daemon does the work itself, 1,200 units done (20 minutes ago)",
        ),
    ],
)
def test_a_cluster_in_words(note: ClusterNote | None, said: str) -> None:
    assert say_cluster("tcp://c:1", note, NOW + timedelta(minutes=20)) == said
