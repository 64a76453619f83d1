"""One function per stage, each in the same three steps: gather, decide, apply.

::

    feed URL → retrieve → parse → update ─┐
                                          ├→ entry → POST → classify → rank → queue → verdict → digest line
    published digest → read ──────────────┘
              collect                          judge            review        publish

*Gather* reads what is needed, *decide* is a pure function of a stage, and *apply* writes the decision in one
transaction. These files do not decide anything themselves. Each act of the curator is a function of a ``Home``, which
has the clock and the curator's name. State that is kept in memory between rounds is in objects that ``App`` builds
once.
"""

from collections.abc import Callable

Progress = Callable[[int], None]


def ignore_progress(_: int) -> None:
    """Ignore progress, for callers that do not show it."""
