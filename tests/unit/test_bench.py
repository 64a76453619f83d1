"""Benchmarks run seldom: what they import has to be there when they do."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "bench").glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_benchmark_imports_of_the_package_is_there(file: Path) -> None:
    imports = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    ours = [(node.module, name.name) for node in imports for name in node.names if node.module.startswith("aggregator")]
    assert [
        f"{module}.{name}"
        for module, name in ours
        if not hasattr(import_module(module), name) and find_spec(f"{module}.{name}") is None
    ] == []
