"""Tells at the end what came of the killing."""

from __future__ import annotations

import pytest
from tally import ACKNOWLEDGED, KILLED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if KILLED:
        told = ", ".join(f"{name} {count} ({ACKNOWLEDGED[name]:,})" for name, count in KILLED.items())
        terminalreporter.write_line(f"killed (acknowledged before): {told}; in all {KILLED.total()}")
