"""How the processor time of a call grows with its text, for the laws that nothing takes more than linear time."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

#: Seconds that no linear work on so short a text comes near, and that a quadratic one on SIZE characters passes.
_MOMENT = 0.0003
SIZE = 800
#: What is exponential has passed this many seconds long before so many characters.
_BRIEF, _LONG = 22, 0.005
#: Twice the text may take twice the time, and on a busy machine somewhat more.
_MOST = 3.0
#: More than this is more than linear.
LINEAR = 2.5
_MOST_TRIES = 8

_numbers = count()


def find_growth(
    call: Callable[[str], object],
    head: str,
    pump: str,
    tail: str,
    *,
    size: int = SIZE,
    prepare: Callable[[str], str] = str,
) -> str | None:
    """What is wrong with a function of ``head + pump * n + tail``: its time more than trebles where the text doubles.

    No text comes twice, so that a cache answers nothing. What *prepare* does to the text before is not measured. What
    comes first may have filled a table, and what else runs takes its time: the shortest of some tries counts.
    """

    def measure(length: int, tries: int = 1) -> float:
        return min(measure_once(length) for _ in range(tries))

    def measure_once(length: int) -> float:
        last = "~" if next(_numbers) % 2 else ""
        text = prepare(f"{head}{pump * max(1, length // len(pump))}{tail}{last}")
        start = time.process_time()
        call(text)
        return time.process_time() - start

    if measure(_BRIEF) > _LONG and (least := measure(_BRIEF, 3)) > _LONG:
        return f"{_BRIEF} characters take {least * 1e3:.1f} ms"
    for length in (size // 10, size):
        if measure(length) < _MOMENT:
            continue
        for tries in (1, 4, 16):
            once, twice = measure(length, tries), measure(2 * length, tries)
            if twice < 2 * _MOMENT or twice < _MOST * once:
                break
        else:
            return f"{length} characters take {once * 1e3:.1f} ms, twice as many {twice * 1e3:.1f} ms"
    return None


def measure_doubling(call: Callable[[int], object], size: int) -> float:
    """How many times as long a call with twice the size takes; 1 if both take next to nothing. What looks like more than
    linear is tried again, because something else may have run at the same time.
    """
    tried: list[float] = []
    while not tried or (min(tried) > LINEAR and len(tried) < _MOST_TRIES):
        start = time.process_time()
        call(size)
        middle = time.process_time()
        call(2 * size)
        tried.append((time.process_time() - middle + 0.002) / (middle - start + 0.002))
    return min(tried)
