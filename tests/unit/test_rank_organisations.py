"""Who stands behind the places of posts, and by which words titles name their own publisher."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from aggregator.rank.organisations import find_level, find_organisation, list_own_words
from aggregator.rank.record import name_place


@pytest.mark.parametrize(
    ("url", "named", "organisation"),
    [
        ("https://ai.meta.com/blog/x/", None, "Meta"),
        ("https://engineering.fb.com/2026/x/", "Meta", "Meta"),
        ("https://research.facebook.com/x", None, "Meta"),
        ("https://aws.amazon.com/ko/blogs/tech/x/", "Amazon", "AWS"),
        ("https://www.amazon.science/blog/x", "Amazon", "Amazon"),
        ("https://research.google/blog/x/", None, "Google"),
        ("https://blog.google/innovation-and-ai/x/", None, "Google"),
        ("https://www.microsoft.com/en-us/research/blog/x/", None, "Microsoft"),
        ("https://d2.naver.com/helloworld/1", None, "네이버"),
        ("https://techblog.lycorp.co.jp/ko/x", "라인", "라인"),
        ("https://medium.com/naver-place-dev/x", None, "네이버"),
        # A feed may name an organisation whose places are listed, wherever its posts stand.
        ("https://medium.com/some-publication/x", "카카오", "카카오"),
        # Whose only place is its own needs no level of its own.
        ("https://hyperconnect.github.io/x", "하이퍼커넥트", None),
        ("https://dasan.example/x", None, None),
        # Ends alike, and is somebody else's.
        ("https://notmeta.com/x", None, None),
        ("https://medium.com/airbnb-engineering-fans/x", None, None),
        ("https://google/x", None, None),
    ],
)
def test_the_organisation_of_an_address(url: str, named: str | None, organisation: str | None) -> None:
    assert find_organisation(name_place(url), named) == organisation
    # The blogs of AWS are a kind by themselves.
    assert find_level(name_place(url), named) == (None if organisation == "AWS" else organisation)


@pytest.mark.parametrize(
    ("place", "named", "own", "others"),
    [
        ("aws.amazon.com/blogs/machine-learning", "Amazon", {"amazon", "aw", "sagemak", "bedrock"}, {"churn", "lambda"}),
        ("tech.kakao.com", "카카오", {"카카", "kakao"}, {"추천"}),
        ("dasan.example", "Dasan Shop", {"dasan", "shop", "dasan shop"}, {"amazon"}),
        ("dasan.example", None, set(), {"dasan"}),
    ],
)  # fmt: skip
def test_words_of_its_own(place: str, named: str | None, own: set[str], others: set[str]) -> None:
    words = list_own_words(place, named)
    assert own <= words
    assert not words & others


def test_no_place_is_of_two_organisations() -> None:
    text = (resources.files("aggregator.rank") / "data" / "organisations.toml").read_text("utf-8")
    places = [place for each in tomllib.loads(text).values() for place in each["places"]]
    assert len(places) == len(set(places))
    assert [place for place in places if name_place(f"https://{place}/") not in {place, place.partition("/")[0]}] == []
