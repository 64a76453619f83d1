"""The account of a month: how completely it was visited, what became of its posts, and how its lines were chosen."""

from __future__ import annotations
