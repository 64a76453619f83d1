"""Lists in the data of a page: what Next.js streams, and which recipes are proposed for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.dates.read import Zones
from aggregator.feeds.recipes.data import read_data
from aggregator.feeds.recipes.flight import read_flight
from aggregator.feeds.recipes.propose import propose_recipes
from aggregator.feeds.recipes.tree import parse_page
from aggregator.types import Recipe
from growth import LINEAR, measure_doubling

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
ZONES = Zones(ZoneInfo("Asia/Seoul"))


def stream(*rows: str, at: int = 40) -> str:
    """A page whose data Next.js streams, cut into pieces where no row ends."""
    whole = "".join(
        f"{number:x}:{row}" if row.startswith("T") else f"{number:x}:{row}\n" for number, row in enumerate(rows)
    )
    pieces = [whole[start : start + at] for start in range(0, len(whole), at)]
    calls = "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)
    return f'<body><div id="root"></div><script>self.__next_f.push([0])</script>{calls}</body>'


POSTS = [{"title": f"Post number {n}", "slug": f"post-{n}", "date": f"$D2026-11-0{n}T00:00:00Z"} for n in range(1, 5)]
STREAMS = [
    # In the properties of a component, behind a text with ends of lines in it.
    stream("T12,line\nline\nline 한", json.dumps(["$", "$L1", None, {"posts": POSTS, "tags": [{"name": "a"}]}])),
    # By references to other rows.
    stream(json.dumps({"posts": "$1"}), json.dumps([f"$L{n}" for n in range(2, 6)]), *map(json.dumps, POSTS)),
    stream("I[broken", "HL[1]", "{", json.dumps({"a": {"posts": POSTS}}), at=7),
]


@pytest.mark.parametrize("page", STREAMS)
def test_a_list_that_next_js_streams_is_proposed_from_an_example(page: str) -> None:
    url, example = "https://blog.example/", "https://blog.example/posts/post-3"
    (found,) = propose_recipes(page.encode(), None, url, example=example, now=NOW, zones=ZONES)
    assert found.recipe == Recipe(
        json="posts", title="title", link="join('', ['https://blog.example/posts/', to_string(slug)])", date="date"
    )
    again = read_data(found.recipe, page.encode(), None, url, NOW, ZONES)
    assert [(item.link[-6:], item.title, item.has_date) for item in again.usable][::3] == [
        ("post-1", "Post number 1", True),
        ("post-4", "Post number 4", True),
    ]
    with pytest.raises(ValueError, match="nothing without its scripts"):
        propose_recipes(page.encode(), None, url, now=NOW, zones=ZONES)


def test_a_list_in_the_data_of_a_page_is_proposed_without_an_example() -> None:
    posts = [{"node": {"title": f"Post number {n}", "url": f"/p/{n}", "publishedAt": "2026-11-02"}} for n in range(4)]
    data = json.dumps({"props": {"page-props": {"edges": posts}}})
    body = f'<p>x</p><script id="__NEXT_DATA__" type="application/json">{data}</script>'.encode()
    (found,) = propose_recipes(body, None, "https://blog.example/", now=NOW, zones=ZONES)
    assert found.recipe.json == 'props."page-props".edges[].node'
    assert [item.link for item in found.reading.usable] == [f"https://blog.example/p/{n}" for n in range(4)]


def test_streamed_data_is_read_beside_a_script_that_is_broken() -> None:
    page = '<script type="application/ld+json">{"a": </script>' + STREAMS[0]
    url, example = "https://blog.example/", "https://blog.example/posts/post-3"
    (found,) = propose_recipes(page.encode(), None, url, example=example, now=NOW, zones=ZONES)
    assert found.recipe.json == "posts"


def list_plain(number: int) -> list[str]:
    return [json.dumps({"posts": [{"a": 1}] * 20, "b": "$1"}) for _ in range(number)]


def list_references_to_a_list(number: int) -> list[str]:
    return [json.dumps({f"n{n}": "$1" for n in range(number)}), json.dumps([{"a": 1}] * number)]


def list_references_to_an_object(number: int) -> list[str]:
    return [json.dumps({"posts": ["$1"] * number}), json.dumps({f"n{n}": "a" for n in range(number)})]


@pytest.mark.parametrize("make", [list_plain, list_references_to_a_list, list_references_to_an_object])
def test_streamed_data_is_read_in_linear_time(make: Callable[[int], list[str]]) -> None:
    def read(number: int) -> None:
        read_flight(parse_page(stream(*make(number), at=200).encode(), None))

    assert measure_doubling(read, 300) < LINEAR
