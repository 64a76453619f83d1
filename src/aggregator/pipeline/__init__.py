"""One function per stage, each with the same three movements: gather, decide, apply.

::

    feed URL → retrieve → parse → update ─┐
                                          ├→ entry → POST → classify → rank → queue → verdict → digest line
    published digest → read ──────────────┘
              collect                          judge            review        publish

*Gather* reads what is needed, *decide* is a pure function of a stage, *apply* writes what was decided in one
transaction. These files decide nothing themselves, know no settings and no clock: values and ``now`` are arguments.
"""

from collections.abc import Callable

Progress = Callable[[int], None]


def ignore_progress(_: int) -> None:
    """For callers who show none."""
