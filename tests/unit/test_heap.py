"""What threads have freed goes back to the system."""

from __future__ import annotations

import ctypes
import gc
from types import SimpleNamespace

import pytest

from aggregator import heap


def test_free_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = SimpleNamespace(malloc_trim=lambda keep: keep == 0, mallopt=lambda what, most: (what, most) == (-8, 2))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    assert heap.share_heaps() is True
    assert heap.give_back() is True


def test_another_c_library_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    assert heap.share_heaps() is False
    assert heap.give_back() is False


def test_what_is_there_now_is_not_looked_through_again() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(700)
        heap.collect_rarely()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > 700
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
