"""The note that leads to the earlier parts of a series: its words, its links, and that it can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from aggregator.digest.notes import join_note
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.digest.series_note import add_to_note, name_instalment, propose_note
from aggregator.exceptions import DigestError
from aggregator.posts.instalments import arrange_series
from aggregator.shipped import SHIPPED
from aggregator.types import Digest, Instalment, Line, Month, Series, Sibling, Texts
from aggregator.words.series import list_languages

START = datetime(2022, 1, 10, tzinfo=UTC)
SITE = "https://tech.haneul.example"
TEXTS = Texts(
    "# Digest\n\n", {part: str(part) for part in SHIPPED.parts}, {topic: str(topic) for topic in SHIPPED.topics}
)


def make_series(*titles: str, urls: dict[int, str] | None = None) -> Series:
    """Posts 1, 2, … of one feed, a week apart, of which the last is looked at."""
    siblings = [
        Sibling(n, "", title, (urls or {}).get(n, f"{SITE}/{n}"), START + timedelta(days=7 * n), "haneul")
        for n, title in enumerate(titles, 1)
    ]
    series = arrange_series(len(titles), siblings)
    assert series
    return series


@pytest.mark.parametrize(
    ("titles", "language", "note"),
    [
        (["구축기 서빙 1편", "구축기 서빙 2편"], "ko", f"[1편]({SITE}/1)도 읽어보세요."),
        (["서빙 적용기 1부", "서빙 적용기 2부"], "ko", f"[1부]({SITE}/1)도 읽어보세요."),
        (["서빙 적용기 (상)", "서빙 적용기 (하)"], "ko", f"[상편]({SITE}/1)도 읽어보세요."),
        (["서빙 적용기 전편", "서빙 적용기 후편"], "ko", f"[전편]({SITE}/1)도 읽어보세요."),
        (["서빙 적용기", "서빙 적용기 (하)"], "ko", f"[상편]({SITE}/1)도 읽어보세요."),
        (["서빙 적용기", "서빙 적용기 #2"], "ko", f"[1편]({SITE}/1)도 읽어보세요."),
        (["구축기 서빙 1편", "구축기 서빙 2편", "구축기 서빙 3편"], "ko", f"[1편]({SITE}/1)과 [2편]({SITE}/2)도 읽어보세요."),
        (["서빙 적용기 1부", "서빙 적용기 2부", "서빙 적용기 3부"], "ko", f"[1부]({SITE}/1)와 [2부]({SITE}/2)도 읽어보세요."),
        (["구축기 서빙 (1)", "구축기 서빙 (2)", "구축기 서빙 (3)", "구축기 서빙 (4)"], "ko",
         f"[1편]({SITE}/1), [2편]({SITE}/2), [3편]({SITE}/3)도 읽어보세요."),
        (["Deep Shards, Part 1", "Deep Shards, Part 2"], "en", f"See also [Part 1]({SITE}/1)."),
        (["Deep Shards, Part 1", "Deep Shards, Part 2"], "ko", f"[1편]({SITE}/1)도 읽어보세요."),
        (["Deep Shards, Part 1", "Deep Shards, Part 2", "Deep Shards, Part 3"], "en",
         f"See also [Part 1]({SITE}/1) and [Part 2]({SITE}/2)."),
        (["Deep Shards I", "Deep Shards (1)", "Deep Shards (2)", "Deep Shards (3)", "Deep Shards (4)"], "en",
         f"See also [Part 1]({SITE}/2), [Part 2]({SITE}/3) and [Part 3]({SITE}/4)."),
        (["Deep Shards Chapter 1: A", "Deep Shards Chapter 2: B"], "en", f"See also [Chapter 1]({SITE}/1)."),
        (["Deep Shards, Part 1", "Deep Shards, Part 1.5", "Deep Shards, Part 5.5", "Deep Shards, Part 6"], "en",
         f"See also [Part 1]({SITE}/1), [Part 1.5]({SITE}/2) and [Part 5.5]({SITE}/3)."),
        (["Deep Shards, Part 3"], "en", None),
    ],
)  # fmt: skip
def test_the_note_is_said_in_the_words_of_the_series(titles: list[str], language: str, note: str | None) -> None:
    assert propose_note(make_series(*titles), len(titles), "", language) == note


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        (f"{SITE}/구축기-1편", f"{SITE}/구축기-1편"),
        (f"{SITE}/%EA%B5%AC%EC%B6%95", f"{SITE}/%EA%B5%AC%EC%B6%95"),
        (f"{SITE}/a_(b)", f"{SITE}/a_(b)"),
        (f"{SITE}/a)b", f"{SITE}/a%29b"),
        (f"{SITE}/a b[1]", f"{SITE}/a%20b[1]"),
        (f"{SITE}/a?x=1&y=<2>", f"{SITE}/a?x=1&y=%3C2%3E"),
    ],
)
def test_addresses_are_those_that_a_line_would_print(url: str, printed: str) -> None:
    series = make_series("구축기 서빙 1편", "구축기 서빙 2편", urls={1: url})
    said = propose_note(series, 2, "", "ko")
    assert said == f"[1편]({printed})도 읽어보세요."
    assert propose_note(series, 2, said, "ko") is None
    assert propose_note(series, 2, said, "en") is None


def test_what_cannot_be_linked_is_left_out() -> None:
    series = make_series("구축기 서빙 1편", "구축기 서빙 2편", urls={1: "mailto:somebody@example.com"})
    assert propose_note(series, 2, "", "ko") is None


def test_only_what_the_note_lacks_is_proposed() -> None:
    series = make_series("구축기 서빙 1편", "구축기 서빙 2편", "구축기 서빙 3편")
    assert propose_note(series, 3, f"서빙을 다룬 [1편]({SITE}/1).", "ko") == f"[2편]({SITE}/2)도 읽어보세요."
    assert propose_note(series, 3, f"[1편]({SITE}/1), [2편]({SITE}/2)", "ko") is None


def test_an_address_that_begins_like_another_is_not_taken_for_it() -> None:
    series = make_series("구축기 서빙 1편", "구축기 서빙 2편")
    assert propose_note(series, 2, f"[앞글]({SITE}/10)", "ko") == f"[1편]({SITE}/1)도 읽어보세요."


def test_parts_that_came_later_are_not_proposed() -> None:
    siblings = [
        Sibling(1, "", "Deep Shards, Part 1", f"{SITE}/1", START + timedelta(days=9), "haneul"),
        Sibling(2, "", "Deep Shards, Part 2", f"{SITE}/2", START, "haneul"),
    ]
    series = arrange_series(2, siblings)
    assert series
    assert propose_note(series, 2, "", "en") is None


@pytest.mark.parametrize("word", ["편", "부", "탄", "회", "part", "", "#", "chapter", "상", "前", "일차"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_word_has_a_name(word: str, language: str) -> None:
    name = name_instalment(Instalment(1, "t", SITE, START, 1, word), language)
    assert name.strip() == name != ""


_NOTES = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            "본문.",
            "  * 하나\n  * 둘",
            "\n  * 하나",
            "```\ncode\n```",
            "두 줄\n  그리고",
            ": 본문",
            ": ",
            "1. 하나",
            "# 아님",
            "> 인용",
        ]
    ),
    st.text("abc 가나.,()[]*_`~#>-:\n\\ 1", max_size=40),
)


@given(_NOTES, st.sampled_from(["ko", "en"]), st.integers(2, 4))
def test_the_curators_note_stays_behind_the_links(note: str, language: str, count: int) -> None:
    series = make_series(*(f"구축기 서빙 {n}편" for n in range(1, count + 1)))
    said = propose_note(series, count, note, language)
    assert said
    whole = add_to_note(said, note)
    kept = note.removeprefix(": ") if note.strip() else ""
    assert whole.endswith(kept)
    assert whole.count(said) == 1
    assert propose_note(series, count, whole, language) is None


@given(_NOTES)
def test_the_note_comes_through_the_digest_as_it_is(note: str) -> None:
    series = make_series("구축기 서빙 1편", "구축기 서빙 2편")
    said = propose_note(series, 2, note, "ko")
    assert said
    try:
        joined = join_note(note)
        tail = join_note(add_to_note(said, note))
    except DigestError:
        # What the curator wrote would take the page apart without us.
        reject()
    assert tail.startswith(f": {said}")
    assert tail.endswith(joined.removeprefix(": "))
    line = Line(SHIPPED.parse_section("2.4"), "구축기 서빙 2편", f"{SITE}/2", Month(2022, 12), "하늘상점", tail)
    page = render_digest(Digest(TEXTS, (line,)))
    assert render_digest(read_digest(page, TEXTS).digest) == page


@pytest.mark.parametrize(("post", "offered"), [("ko", ("ko",)), ("en", ("ko", "en")), ("ja", ("ko", "en"))])
def test_notes_are_offered_in_the_language_of_the_digest_first(post: str, offered: tuple[str, ...]) -> None:
    assert list_languages(post) == offered


# Tried in every way to part its spaces, a rule of so many signs takes longer than anybody lives.
@pytest.mark.timeout(20)
def test_a_rule_in_a_note_is_read_once() -> None:
    assert join_note(f"\n  {'-  ' * 60}") == f"\n  {'-  ' * 60}"
    assert join_note(f"\n  {'-  ' * 8}x") == f"\n  {'-  ' * 8}x"
    with pytest.raises(DigestError, match=r"line 2: “-  -  .*x” is nested too deeply"):
        join_note(f"\n  {'-  ' * 60}x")
