"""What the server of ``forks.py`` loads, so that it is in memory when a process begins."""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

import aggregator
from fits import STEP, read_rows

#: What cannot be loaded without doing something, or is seldom wanted.
_LEFT = ("aggregator.__main__", "aggregator.cluster", "aggregator.cli.cluster")

for module in pkgutil.walk_packages(aggregator.__path__, "aggregator."):
    if not module.name.startswith(_LEFT):
        import_module(module.name)
read_rows(STEP)
# Otherwise the first collection in each of them would copy all of it.
gc.freeze()
