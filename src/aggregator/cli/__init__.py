"""The command line: thin commands that say in words what the App does."""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Run the console script. An expected failure is a sentence on standard error and exit code 1, not a traceback."""
    # Imported late: every worker process imports what the console script imports, and does not need this.
    from aggregator.cli.commands import build_tree
    from aggregator.cli.completion import VARIABLE
    from aggregator.exceptions import AggregatorError
    from aggregator.locales import find_in_environment, speak, t

    _write_anything()
    speak(find_in_environment(os.environ))
    for argument in sys.argv[1:]:
        if not argument.isascii() and any("\udc80" <= character <= "\udcff" for character in argument):
            # Python's stand-ins for bytes that it could not decode; databases refuse them.
            said = t("an argument is not UTF-8: {argument}", argument=argument)
            sys.stderr.write(f"aggregator: {said}\n")
            sys.exit(2)
    try:
        build_tree()(prog_name="aggregator")
    except AggregatorError as error:
        from aggregator.words.reasons import say_reason

        sys.stderr.write(f"aggregator: {say_reason(str(error))}\n")
        sys.exit(1)
    except Exception:
        # A shell that asks for completions would show a traceback in the middle of the line.
        if VARIABLE not in os.environ:
            raise
        sys.exit(1)


def _write_anything() -> None:
    """Let standard output and standard error write characters that their encoding lacks as \\u….

    Otherwise Python would end with a traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
