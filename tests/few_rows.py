"""The console script of a project that comes with fewer rows: ``python few_rows.py 16 run`` learns from every 16th."""

from __future__ import annotations

import sys
from functools import partial

# A process that fits imports this file once more.
if __name__ == "__main__":
    from aggregator.cli import main
    from aggregator.pipeline import learner
    from fits import read_lines

    learner.load_shipped_lines = partial(read_lines, int(sys.argv.pop(1)))
    main()
