"""Tokens in both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.exceptions import NotFoundError, TokenError
from aggregator.pipeline import tokens
from aggregator.storage.database import Database
from world import NOW, home_of


def test_a_token_is_found_by_its_secret_until_it_is_removed(database: Database) -> None:
    home = home_of(database)
    script, secret = tokens.add_token(home, "script")
    reader, other = tokens.add_token(home, "읽기.전용", is_read_only=True)

    assert (tokens.find_token(home, secret), tokens.find_token(home, other)) == (script, reader)
    assert (script.is_read_only, reader.is_read_only, script.made_at) == (False, True, NOW)
    for wrong in ("", "aggregator_", secret[:-1], f"{secret}x", "\udc80"):
        assert tokens.find_token(home, wrong) is None
    with pytest.raises(TokenError, match="there is a token script already"):
        tokens.add_token(home, "script")
    tokens.note_use(home_of(database, now=NOW + timedelta(hours=2)), script)
    assert [(token.name, token.used_at) for token in tokens.list_tokens(home)] == [
        ("script", NOW + timedelta(hours=2)),
        ("읽기.전용", None),
    ]
    tokens.remove_token(home, "script")
    assert tokens.find_token(home, secret) is None
    with pytest.raises(NotFoundError, match="there is no token script"):
        tokens.remove_token(home, "script")
