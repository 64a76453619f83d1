"""How a process keeps memory: the heaps of the C library, of glibc alone, and how often Python looks for garbage."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable

# M_ARENA_MAX of malloc.h, and how many heaps the threads of a process share.
_ARENA_MAX, _HEAPS = -8, 2
# M_MMAP_THRESHOLD, and from how many bytes on a piece is large.
_MMAP_THRESHOLD, _LARGE = -3, 1 << 20
# So many new objects lead to a look for circles of them that nobody holds. Python's own number is 700: a page of 1,000
# feeds was then interrupted eleven times, and three of 40 such pages for 36 ms, while all objects were looked through.
_NEW_OBJECTS = 10_000


def share_heaps() -> bool:
    """Let threads that begin from now on share two heaps; return whether they do.

    Otherwise most of them have one of their own, and what one has freed is of use to itself alone. One thread runs
    Python at a time, so they hardly wait for each other.
    """
    return _call("mallopt", _ARENA_MAX, _HEAPS)


def keep_large_apart() -> bool:
    """Let large pieces, as arrays of numbers are, go back to the system when they are freed; return whether they do.

    Otherwise the library keeps those up to 32 MB for later ones, once one of their size was freed.
    """
    return _call("mallopt", _MMAP_THRESHOLD, _LARGE)


def give_back() -> bool:
    """Give free memory back to the system; return whether there was any. It takes some milliseconds.

    The library does so by itself at the end of a heap alone.
    """
    return _call("malloc_trim", 0)


def collect_rarely() -> None:
    """Look for garbage rarely, and not among the objects of now, which stay for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


def _call(name: str, *values: int) -> bool:
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return bool(function and function(*values))
