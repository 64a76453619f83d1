"""Addresses: what may be linked, how a link is cleaned, which links mean the same post."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import canonicalise_url, clean_url, hide_credentials, host_of, readable_url


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("https://netflixtechblog.com/a-b-1?source=rss----2615bd06b42e---4", "https://netflixtechblog.com/a-b-1"),
        ("https://a.example/x?utm_source=feed&id=3&utm_medium=rss", "https://a.example/x?id=3"),
        ("https://aws.example/blogs/x/?sc_channel=el&trk=abc", "https://aws.example/blogs/x/"),
        ("HTTP://User:pw@A.Example:80/x", "http://a.example/x"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/글?q=한", "https://a.example/글?q=한"),
        (" https://a.example/x\n", "https://a.example/x"),
        ("https://a.example/x?source=newsroom", "https://a.example/x?source=newsroom"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@b.example", None),
        ("/relative", None),
        ("https://", None),
        ("https://[broken/", None),
        ("https://a.example:port/", None),
        ("", None),
        (None, None),
    ],
)
def test_cleaning(raw: str | None, cleaned: str | None) -> None:
    assert clean_url(raw) == cleaned


def test_a_relative_link_is_resolved_against_its_base() -> None:
    assert clean_url("../b", "https://a.example/x/y/") == "https://a.example/x/b"


@pytest.mark.parametrize(
    "addresses",
    [
        ("https://eugeneyan.com//writing/text-to-image/", "https://eugeneyan.com/writing/text-to-image"),
        ("https://ai.googleblog.com/2022/12/a.html?m=1", "http://ai.googleblog.com/2022/12/a.html"),
        (
            "https://aws.amazon.com/ko/blogs/machine-learning/x/",
            "https://aws.amazon.com/blogs/machine-learning/x/?utm_source=rss",
        ),
        ("https://www.a.example/x#part", "http://a.example/x/"),
        ("https://a.example/%ed%95%9c", "https://a.example/한", "https://a.example/%ED%95%9C"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example/x/../y", "https://a.example/y"),
    ],
)
def test_these_addresses_are_one_post(addresses: tuple[str, ...]) -> None:
    assert len({canonicalise_url(clean_url(address) or "") for address in addresses}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/part-1", "https://a.example/part-2"),
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/x?m=12", "https://a.example/x"),
        ("https://a.example/ko/blogs/x", "https://a.example/blogs/x"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example:8080/x", "https://a.example/x"),
    ],
)
def test_these_addresses_are_two_posts(one: str, other: str) -> None:
    assert canonicalise_url(one) != canonicalise_url(other)


@given(
    st.builds(
        "{}://{}/{}?{}".format,
        st.sampled_from(["http", "https", "HTTPS"]),
        st.sampled_from(["a.example", "www.A.example", "aws.amazon.com", "a.example:8080"]),
        st.text(st.sampled_from("ab/.한%2F글//ko/blogs/ "), max_size=30),
        st.text(st.sampled_from("abm=1&utm_x한"), max_size=20),
    )
)
def test_cleaning_and_canonicalising_are_idempotent(raw: str) -> None:
    cleaned = clean_url(raw)
    if cleaned is not None:
        assert clean_url(cleaned) == cleaned
        assert canonicalise_url(canonicalise_url(cleaned)) == canonicalise_url(cleaned)


def test_no_two_articles_of_the_recorded_digest_meet(shared: Path) -> None:
    lines = (shared / "candidates.jsonl").read_text("utf-8").splitlines()
    addresses = {clean_url(json.loads(line)["url"]) or "" for line in lines}
    assert len({canonicalise_url(address) for address in addresses}) == len(addresses)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.a.example/%EC%B6%94%EC%B2%9C/", "a.example/추천"),
        ("https://a.example/", "a.example"),
        ("https://a.example/%E2%80%AEgpj", "a.example/%E2%80%AEgpj"),
    ],
)
def test_a_person_reads_hangul_and_is_not_fooled_by_hidden_characters(url: str, shown: str) -> None:
    assert readable_url(url) == shown


def test_hosts_and_credentials() -> None:
    assert host_of("https://WWW.A.example/x") == "a.example"
    assert hide_credentials("postgresql://me:secret@host/db") == "postgresql://host/db"
