"""How the processor time of a call grows with its text, for the laws that nothing takes more than linear time."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

#: Seconds that no linear work on a text of SIZE characters comes near, and that a quadratic one passes.
_MOMENT = 0.001
SIZE = 2000
#: Twice the text may take twice the time, and on a busy machine somewhat more.
_MOST = 3.0

_numbers = count()


def find_growth(call: Callable[[str], object], head: str, pump: str, tail: str, *, size: int = SIZE) -> str | None:
    """What is wrong with a function of ``head + pump * n + tail``: its time more than trebles where the text doubles.

    Begins with short texts, so that what is exponential shows before it takes for ever. No text comes twice, so that a
    cache answers nothing.
    """
    for length in (12, 16, 20, 24, 100, 500, size):
        if _measure(call, head, pump, tail, length) < _MOMENT:
            continue
        # What comes first may have filled a table, and what else runs takes its time: the shortest of some counts.
        for repeats in (2, 5):
            once, twice = (
                min(_measure(call, head, pump, tail, times * length) for _ in range(repeats)) for times in (1, 2)
            )
            if twice < _MOMENT or twice < _MOST * once:
                break
        else:
            return f"{length} characters take {once * 1e3:.1f} ms, twice as many {twice * 1e3:.1f} ms"
    return None


def _measure(call: Callable[[str], object], head: str, pump: str, tail: str, size: int) -> float:
    text = f"{head}{pump * max(1, size // len(pump))}{tail}{'~' if next(_numbers) % 2 else ''}"
    start = time.process_time()
    call(text)
    return time.process_time() - start


def measure_doubling(call: Callable[[int], object], size: int) -> float:
    """How many times as long a call with twice the size takes; 1 where both take next to nothing."""
    tried = []
    for _ in range(3):
        start = time.process_time()
        call(size)
        middle = time.process_time()
        call(2 * size)
        tried.append((time.process_time() - middle + 0.002) / (middle - start + 0.002))
    return min(tried)
