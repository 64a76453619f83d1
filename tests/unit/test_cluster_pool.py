"""Which workers of a cluster are used, and which addresses of one may be set; no process."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from aggregator.cluster.link import ClusterState, make_security, read_identity
from aggregator.cluster.pool import ClusterPool
from aggregator.cluster.units import Kind, find_program, make_offer, name_program, pack, unpack_answer
from aggregator.config import Settings
from aggregator.exceptions import WorkerError


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


def test_what_a_link_cancels_at_its_end_is_done_here() -> None:
    cancelled: Future[bytes] = Future()
    cancelled.cancel()
    state = ClusterState("tcp://10.1.0.1:8786", {"tcp://10.1.0.2:1": {Kind.READ: 1}})
    with ClusterPool("local:1", connections=1, processes=0, cpu_seconds=1) as pool:
        link: Any = SimpleNamespace(state=state, wait=lambda: state, ask=lambda *_, **__: cancelled, stop=lambda: None)
        pool._link = link
        assert pool.map(sorted, [2, 1, 3], size=2) == [1, 2, 3]
        assert pool.lost == 2


def test_certificates_that_cannot_be_read_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match=r"the certificates in .* cannot be read"):
        make_security(tmp_path)


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
