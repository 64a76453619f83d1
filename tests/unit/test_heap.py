"""What threads have freed goes back to the system."""

from __future__ import annotations

import ctypes
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
