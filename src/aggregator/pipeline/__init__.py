"""One function per stage, each with the same three movements: gather, decide, apply.

::

    feed URL → retrieve → parse → update ─┐
                                          ├→ entry → POST → classify → rank → queue → verdict → digest line
    published digest → read ──────────────┘
              collect                          judge            review        publish

*Gather* reads what is needed, *decide* is a pure function of a stage, *apply* writes what was decided in one
transaction. These files decide nothing themselves. What the curator does is a function of a home (``home``), which says
at what time and by whom; what is kept in memory between two rounds is an object that ``App`` builds once.
"""

from collections.abc import Callable

Progress = Callable[[int], None]


def ignore_progress(_: int) -> None:
    """For callers who show none."""
