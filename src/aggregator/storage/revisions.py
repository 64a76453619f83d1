"""The revisions of the tables, as Alembic keeps them in files."""

from __future__ import annotations

from pathlib import Path


def find_head() -> str:
    """The newest revision that the program knows: the number that its file's name begins with."""
    files = (find_migrations() / "versions").glob("[0-9]*.py")
    return max((file.name for file in files), default="").partition("_")[0]


def find_migrations() -> Path:
    """Alembic's folder, which an installed package carries with it."""
    package = Path(__file__).parents[1]
    shipped, checkout = package / "migrations", package.parents[1] / "migrations"
    return shipped if shipped.is_dir() else checkout
