"""Pauses after wrong login links."""

from __future__ import annotations

from datetime import timedelta

from aggregator.web.attempts import FREE_OVER_ALL, FREE_TRIES, Attempts
from clock import Clock
from world import NOW


def test_a_clock_that_was_ahead_keeps_nobody_out() -> None:
    clock = Clock(NOW + timedelta(days=1461))
    attempts = Attempts(clock)
    for number in range(FREE_OVER_ALL):
        attempts.add(f"192.0.2.{number % 2}")
    assert attempts.find_pause("192.0.2.1") > 0
    clock.now = NOW
    assert attempts.find_pause("192.0.2.1") == 0
    assert [attempts.add("192.0.2.1") for _ in range(FREE_TRIES)][:4] == [0] * 4
