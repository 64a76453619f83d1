"""The command line: thin commands that put words around what the App does."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script. An expected failure is a sentence on standard error and exit code 1, never a traceback."""
    # Imported late: every worker process imports what the console script imports, and needs none of this.
    from aggregator.cli.commands import app
    from aggregator.exceptions import AggregatorError

    for argument in sys.argv[1:]:
        if not argument.isascii() and any("\udc80" <= character <= "\udcff" for character in argument):
            # Python's stand-ins for bytes that it could not read; no database takes them.
            sys.stderr.write(f"aggregator: an argument is not UTF-8: {argument}\n")
            sys.exit(2)
    try:
        app()
    except AggregatorError as error:
        sys.stderr.write(f"aggregator: {error}\n")
        sys.exit(1)
