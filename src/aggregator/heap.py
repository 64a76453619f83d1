"""The heap of the C library, which keeps for each thread what it has freed. Nothing happens without glibc."""

from __future__ import annotations

import ctypes


def give_back() -> bool:
    """Give free memory of the heap back to the system; return whether there was any. It takes some milliseconds.

    The library does so by itself at the end of the heap alone, and each thread has a heap of its own.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim and trim(ctypes.c_size_t(0)))
