"""Which workers of a cluster are used, and which addresses of one may be set; no process."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from aggregator.cluster.link import ClusterState, read_identity
from aggregator.cluster.units import Kind, find_program, make_offer, name_program, pack, unpack_answer
from aggregator.config import Settings
from aggregator.exceptions import WorkerError
from aggregator.pipeline.cluster_note import ClusterNote
from aggregator.words.state import say_cluster
from world import NOW


def test_only_workers_of_the_same_program_are_used() -> None:
    offers = {
        "tcp://10.1.0.2:1": make_offer(2, 16),
        "tcp://10.1.0.3:1": {"aggregator 0.0.9 abc python3.11 read": 2.0, "GPU": 1.0},
        "tcp://10.1.0.4:1": {"GPU": 1.0},
        "tcp://10.1.0.5:1": {},
    }
    told = {"address": "tcp://10.1.0.1:8786", "workers": {one: {"resources": offer} for one, offer in offers.items()}}
    state = read_identity(told)
    assert state == ClusterState(
        "tcp://10.1.0.1:8786",
        {"tcp://10.1.0.2:1": {Kind.READ: 2, Kind.RETRIEVE: 16}},
        {"tcp://10.1.0.3:1": "0.0.9 abc python3.11"},
    )
    assert state.room == {Kind.READ: 2, Kind.RETRIEVE: 16}
    assert find_program(make_offer(1, 1)) == name_program()


def test_what_cannot_be_read_is_no_fault_of_the_document() -> None:
    assert unpack_answer(pack((True, 3))) == 3
    with pytest.raises(WorkerError, match="cannot read"):
        unpack_answer(b"not a pickle")


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


@pytest.mark.parametrize(
    ("address", "certificates", "is_right"),
    [
        ("", "", True),
        ("tcp://10.1.0.7:8786", "", True),
        ("tcp://[fd00::7]:8786", "", True),
        ("tls://scheduler:8786", "/etc/cluster", True),
        ("local:2", "", True),
        ("tls://scheduler:8786", "", False),
        ("tcp://scheduler:8786", "/etc/cluster", False),
        ("tcp://scheduler", "", False),
        ("http://scheduler:8786", "", False),
        ("tcp://name:word@scheduler:8786", "", False),
        ("local:0", "", False),
    ],
)
def test_the_address_of_a_cluster_is_checked(address: str, certificates: str, is_right: bool) -> None:
    given = {"cluster": address, "cluster_certificates": certificates}
    if is_right:
        assert Settings.model_validate(given).cluster == address
    else:
        with pytest.raises(ValidationError):
            Settings.model_validate(given)
