"""How the processor time of a call grows with its text, for the laws that nothing takes more than linear time."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds that no linear work on so short a text comes near, and that a quadratic one on SIZE characters passes.
_MOMENT = 0.0003
SIZE = 800
#: What is exponential has passed this many seconds long before so many characters.
_BRIEF, _LONG = 22, 0.005
#: Four times the text may take four times the time, and on a busy machine somewhat more; what is quadratic takes sixteen.
_MOST = 6.0
#: More than this is more than linear.
LINEAR = 2.5
_MOST_TRIES = 8
#: A quadratic function takes them all, or these seconds; a linear one on a slow machine takes a few turns.
_MOST_TURNS, _FEWEST_TURNS = 16, 4
_ENOUGH = 0.5


def find_growth(
    call: Callable[[str], object],
    head: str,
    pump: str,
    tail: str,
    *,
    size: int = SIZE,
    prepare: Callable[[str], str] = str,
) -> str | None:
    """What is wrong with a function of ``head + pump * n + tail``: its time grows far more than the text.

    No text comes twice, so that a cache answers nothing: each turn adds a pump or an end. What *prepare* does to the text
    before is not measured. What comes first may have filled a table, and what else runs takes its time: the best of some
    turns counts. A turn measures both lengths, because a machine may be slow for longer than a call takes.
    """

    def measure(length: int, turn: int = 0) -> float:
        pumps, end = max(1, length // len(pump)) + turn // 2, "~" * (turn % 2)
        text = prepare(f"{head}{pump * pumps}{tail}{end}")
        start = time.process_time()
        call(text)
        return time.process_time() - start

    if measure(_BRIEF) > _LONG and (least := min(measure(_BRIEF, turn) for turn in (1, 2, 3))) > _LONG:
        return f"{_BRIEF} characters take {least * 1e3:.1f} ms"
    for length in (size // 10, size):
        if measure(length) < _MOMENT:
            continue
        # A step, where another way of doing it begins, is not growth: that goes on.
        if (first := _find_more(measure, length)) and (then := _find_more(measure, 4 * length)):
            return f"{length} characters take {first}, then {then}"
    return None


def _find_more(measure: Callable[[int, int], float], length: int) -> str | None:
    """The times of this length and of four times as much, if they are out of proportion in each of some turns."""
    once = fourfold = spent = 0.0
    for turn in range(1, _MOST_TURNS):
        once, fourfold = measure(length, turn), measure(4 * length, turn)
        if fourfold < 4 * _MOMENT or fourfold < _MOST * once:
            return None
        # What takes so long is not out of proportion by a moment in which something else ran.
        spent += once + fourfold
        if turn >= _FEWEST_TURNS and spent > _ENOUGH:
            break
    return f"{once * 1e3:.1f} ms, four times as many {fourfold * 1e3:.1f} ms"


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
