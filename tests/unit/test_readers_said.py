"""What readers are told of their suggestions."""

from __future__ import annotations

import pytest

from aggregator.pipeline.suggesting import Told
from aggregator.types import Stand, Standing, Suggestion
from aggregator.words.readers import name_suggested
from world import NOW, make_candidate, make_post

URL = "https://blog.example/a-post"


@pytest.mark.parametrize(("title", "name"), [("A Post", "A Post"), ("", "blog.example/a-post")])
def test_a_suggestion_is_named_by_its_post_or_by_the_address(title: str, name: str) -> None:
    candidate = make_candidate(post=make_post(title=title, url=URL))

    assert name_suggested(Told(Suggestion(URL, URL, NOW), candidate, Standing(Stand.WAITING))) == name
