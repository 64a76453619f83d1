"""What threads have freed goes back to the system."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from aggregator import heap


def test_free_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=lambda _: 1))
    assert heap.give_back() is True


def test_another_c_library_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    assert heap.give_back() is False
