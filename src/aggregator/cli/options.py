"""The options before the command, and the configuration that they lead to."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from aggregator.config import Config


class LogFormat(StrEnum):
    """The format of the log."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Options:
    """The options before the command."""

    home: Path | None
    feeds: Path | None
    verbose: bool
    #: None if the settings decide.
    log_format: LogFormat | None = None
    #: Whether a script reads the answer, which then is English.
    is_for_script: bool = False

    def load(self) -> Config:
        from aggregator.config import load_config
        from aggregator.locales import speak

        config = load_config(os.environ, home=self.home, file=self.feeds)
        if config.settings.language and not self.is_for_script:
            speak(config.settings.language)
        return config

    @property
    def command(self) -> str:
        """How to call this program for the same home, from the same folder: ``.venv/bin/aggregator --home demo``."""
        program, home = Path(sys.argv[0]), self.home or os.environ.get("AGGREGATOR_HOME")
        words = ["aggregator"]
        if program.name == "__main__.py":
            words = [sys.executable, "-m", "aggregator"]
        elif program.name == "aggregator" and shutil.which("aggregator") != str(program):
            words = [str(program)]
        return shlex.join([*words, *(["--home", str(home)] if home else [])])

    def choose_log_format(self, config: Config) -> LogFormat:
        """Return the format of the command line, else that of the settings."""
        return self.log_format or LogFormat(config.settings.logs.format)


def get_options(context: typer.Context) -> Options:
    options = context.find_object(Options)
    if options is None:
        raise AssertionError("the main callback has not run")
    return options
