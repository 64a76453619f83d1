"""The revisions of the tables, from Alembic's files."""

from __future__ import annotations

from pathlib import Path


def find_head() -> str:
    """Return the newest revision that the program knows: the number at the beginning of the file name."""
    files = (find_migrations() / "versions").glob("[0-9]*.py")
    return max((file.name for file in files), default="").partition("_")[0]


def find_migrations() -> Path:
    """Return Alembic's folder, which is part of the installed package."""
    package = Path(__file__).parents[1]
    shipped, checkout = package / "migrations", package.parents[1] / "migrations"
    return shipped if shipped.is_dir() else checkout
