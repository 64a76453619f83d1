"""Series from the feed to the printed note: found in the database, shown beside the list, taken over and taken back."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.cli import main
from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import ReviewError
from aggregator.pipeline import publish, review
from aggregator.pipeline.notes import accept_note
from aggregator.pipeline.series import find_series, find_series_of_month
from aggregator.posts.series import name_series
from aggregator.shipped import SHIPPED
from aggregator.storage import digests, judgements, posts
from aggregator.storage import series as stored_series
from aggregator.storage.database import Database
from aggregator.storage.series import list_siblings, list_siblings_of_month
from aggregator.types import (
    Correction,
    Decision,
    Digest,
    DigestState,
    Feed,
    Kind,
    Line,
    Month,
    PostDraft,
    Series,
    Verdict,
)
from feed_server import FeedServer
from world import (
    FEEDS,
    NOW,
    Curator,
    Sample,
    fill,
    home_of,
    import_page,
    make_draft,
    make_update,
    store,
    text_of,
    visit_page,
)

NOV, DEC = Month(2022, 11), Month(2022, 12)
SITE = "https://tech.haneul.example"


def draft(number: int, title: str, day: int = 0, **changes: Any) -> PostDraft:
    at = NOW + timedelta(days=day)
    return make_draft(number, title=title, series=name_series(title), published_at=at, **changes)


def list_found(series: Series | None) -> list[tuple[int, float]]:
    return [(one.post_id, one.number) for one in series.instalments] if series else []


# --- stored, on both databases ---


def test_kin_are_found_with_what_came_of_them(database: Database) -> None:
    store(
        database,
        make_update(
            draft(1, "추천 구축기 1편", -40, month=NOV),
            draft(2, "추천 구축기 2편", -9),
            draft(3, "추천 구축기 3편", -2),
            draft(4, "다른 이야기"),
        ),
    )
    with database.writing() as connection:
        line = Line(SHIPPED.parse_section("2.3"), "추천", f"{SITE}/1", NOV)
        digests.save_digest(connection, NOV, DigestState.PRINTED, Digest(SHIPPED_TEXTS, (line,)), [1], NOW)
        judgements.append_verdict(connection, Verdict(2, Decision.REJECT, "me", NOW, "shallow"))
    with database.reading() as connection:
        siblings = list_siblings(connection, [3])
        assert [(one.post_id, one.decision, one.printed_in) for one in siblings] == [
            (1, None, NOV),
            (2, Decision.REJECT, None),
            (3, None, None),
        ]
        assert [one.post_id for one in list_siblings_of_month(connection, NOV)] == [1, 2, 3]
        assert list_found(find_series(connection, [3, 4])[3]) == [(1, 1), (2, 2), (3, 3)]
        assert set(find_series_of_month(connection, DEC)) == {1, 2, 3}
        assert list_siblings(connection, []) == []


def test_a_stem_with_too_many_posts_is_no_series(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store(database, make_update(*(draft(number, f"추천 구축기 {number}편", number) for number in (1, 2, 3))))
    monkeypatch.setattr(stored_series, "MOST_SIBLINGS", 2)
    with database.reading() as connection:
        assert find_series(connection, [1, 2, 3]) == {}


def test_a_title_that_changes_joins_its_series(database: Database) -> None:
    store(database, make_update(draft(1, "추천 구축기", -9), draft(2, "재정렬 이야기")))
    with database.reading() as connection:
        assert find_series(connection, [1, 2]) == {}
    store(database, make_update(draft(1, "추천 구축기", -9), draft(2, "추천 구축기 2편: 재정렬")))
    with database.reading() as connection:
        assert list_found(find_series(connection, [2])[2]) == [(1, 1), (2, 2)]


def test_two_queries_find_the_kin_of_many_by_the_index(database: Database) -> None:
    store(database, make_update(*(draft(number, f"추천 구축기 {number}편", number) for number in range(1, 30))))
    with database.reading() as connection:
        asked: list[str] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *a: asked.append(a[2]))
        assert len(find_series(connection, list(range(1, 30)))) == 29
        assert len(asked) == 2
        if connection.dialect.name == "sqlite":
            for query in list(asked):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", tuple([1] * query.count("?"))).all()
                told = " ".join(str(row) for row in plan)
                assert "ix_posts_series" in told
                assert "SCAN posts" not in told


def test_the_note_is_taken_over_once(database: Database) -> None:
    store(database, make_update(draft(1, "추천 구축기 1편", -9), draft(2, "추천 구축기 2편")))
    said = f"[1편]({SITE}/1)도 읽어보세요."
    with database.writing() as connection:
        judgements.append_correction(connection, Correction(2, "me", NOW, note="  * 하나\n  * 둘 "))
    after = accept_note(home_of(database), 2, "ko")
    assert after.correction
    assert after.correction.note == f"{said}\n  * 하나\n  * 둘 "
    with pytest.raises(ReviewError, match=r"추천 구축기 2편.*has no earlier part"):
        accept_note(home_of(database), 2, "ko")
    with pytest.raises(ReviewError):
        accept_note(home_of(database), 1, "ko")


# --- the whole road ---


def _document(*items: tuple[str, str, int]) -> str:
    listed = "".join(
        f"<item><title>{html.escape(title)}</title><link>{SITE}/{path}</link><guid>{path}</guid>"
        f"<pubDate>{day:02} Dec 2022 10:00:00 +0900</pubDate></item>"
        for path, title, day in items
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title>{listed}</channel></rss>'


def test_visits_bring_series_together(make_app: Callable[..., App], feed_server: FeedServer, clock: Any) -> None:
    first, second = ("a", "MLOps 구축기", 1), ("b", "MLOps 구축기 2편: 서빙", 8)
    url = feed_server.play("/feed.xml", _document(first, second))
    app = make_app([Feed("haneul", "하늘상점", url, Kind.COMPANY, "ko", site=SITE)])
    clock.now = datetime(2022, 12, 10, tzinfo=UTC)
    asyncio.run(app.visitor.visit_now(["haneul"]))
    clock.now = datetime(2022, 12, 20, tzinfo=UTC)
    feed_server.play("/feed.xml", _document(("c", "MLOps 구축기 3편: 관찰", 15), second, first))
    asyncio.run(app.visitor.visit_now(["haneul"]))
    with app.reading() as connection:
        numbers = {path: posts.find_post_id(connection, f"{SITE}/{path}") for path in "abc"}
        (series,) = {find_series(connection, [number])[number] for number in numbers.values() if number}
    assert list_found(series) == [(numbers["a"], 1), (numbers["b"], 2), (numbers["c"], 3)]


def test_posts_of_a_digest_belong_to_series_too(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    page = (
        "# 요약\n\n## 2. Business Cases and Implementations\n### 2.4. Training, Inference and MLOps\n"
        "* [**Shards** 구축기 1편 (Nov 2022, 하늘상점)](https://haneul.example/one)\n"
    )
    import_page(app, page, NOV)
    numbers = fill(
        app, [Sample("Shards 구축기 2편", "haneul", "two", language="ko", section=SHIPPED.parse_section("2.4"))]
    )
    with app.reading() as connection:
        series = find_series(connection, list(numbers.values()))[numbers["two"]]
    assert [(one.number, one.printed_in) for one in series.instalments] == [(1, NOV), (2, None)]


# --- the page ---

SERIES = (
    Sample("재정렬 구축기 1편", "haneul", "첫째(1)", 3, "ko", section=SHIPPED.parse_section("2.3"), month=NOV),
    Sample("재정렬 구축기 3편: 실험", "haneul", "셋째", 20, "ko", section=SHIPPED.parse_section("2.3")),
    Sample("Deep Shards, Part 1", "northwind", "deep-1", 2, section=SHIPPED.parse_section("2.4")),
    Sample("Deep Shards, Part 2: The Router", "northwind", "deep-2", 9, section=SHIPPED.parse_section("2.4")),
    Sample("Alone and Whole", "mina", "alone", 9, section=SHIPPED.parse_section("2.4")),
)
LATER = "https://haneul.example/셋째"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app, SERIES)).log_in()


def read_pane(curator: Curator, post: str) -> str:
    return html.unescape(text_of(curator.read_post(post)))


def note_of(curator: Curator, post: str) -> str | None:
    correction = curator.get(post).correction
    return correction.note if correction else None


def test_the_pane_shows_the_series_and_what_is_missing(curator: Curator) -> None:
    curator.decide("첫째(1)", "reject", reason="shallow")
    pane = read_pane(curator, "셋째")
    assert "Part 3 of 3 so far Not seen: 2. 1편 rejected 3편 this post" in pane
    assert "[1편](https://haneul.example/첫째(1))도 읽어보세요." in pane
    curator.send(f"/posts/{curator.numbers['첫째(1)']}/undo")
    curator.decide("첫째(1)", "approve")
    assert "1편 approved" in read_pane(curator, "셋째")
    publish.make_digest(curator.app, NOV, DigestState.PRINTED)
    assert "1편 printed in Nov 2022" in read_pane(curator, "셋째")


def test_an_english_post_is_offered_both_languages_and_the_first_part_none(curator: Curator) -> None:
    pane = read_pane(curator, "deep-2")
    assert "Part 1 undecided Part 2 this post" in pane
    assert "See also [Part 1](https://northwind.example/deep-1)." in pane
    assert "[1편](https://northwind.example/deep-1)도 읽어보세요." in pane
    assert "Add as" not in read_pane(curator, "deep-1")
    assert "Part 1 of 2 so far" in read_pane(curator, "deep-1")
    assert "so far" not in read_pane(curator, "alone")


def test_one_press_puts_the_note_into_the_digest_and_it_reads_back_the_same(curator: Curator) -> None:
    answer = curator.decide("셋째", "series", language="ko")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"#post-{curator.numbers['셋째']}")
    curator.decide("셋째", "approve")
    page = render_digest(publish.compose_month(curator.app, DEC))
    assert (
        f"* [재정렬 구축기 3편: 실험 (Dec 2022, 하늘상점)]({LATER}): "
        "[1편](https://haneul.example/첫째(1))도 읽어보세요.\n" in page
    )
    assert render_digest(read_digest(page, curator.app.settings.merge_texts(None)).digest) == page
    assert "Add as" not in read_pane(curator, "셋째")
    assert curator.decide("셋째", "series", language="ko").status_code == 422
    curator.send("/undo")
    curator.send("/undo")
    assert note_of(curator, "셋째") is None
    assert "Add as note" in read_pane(curator, "셋째")


def test_what_the_curator_wrote_stays(curator: Curator) -> None:
    number = curator.numbers["deep-2"]
    note = "① 라우터 *둘* ② 샤드\n  * 그리고 "
    review.decide(curator.app, number, Decision.APPROVE, correction=Correction(number, "", NOW, note=note))
    curator.decide("deep-2", "series", language="ko")
    assert note_of(curator, "deep-2") == f"[1편](https://northwind.example/deep-1)도 읽어보세요. {note}"


def test_the_script_gets_the_row_anew(curator: Curator) -> None:
    answer = curator.ask(f"/posts/{curator.numbers['deep-2']}/series", language="en")
    assert answer.json()["message"] == "Noted: Deep Shards, Part 2: The Router"
    knowing = curator.get("deep-2").said
    assert f'data-seen="{knowing.verdict}.{knowing.correction}"' in answer.json()["row"]
    assert note_of(curator, "deep-2") == "See also [Part 1](https://northwind.example/deep-1)."
    assert "Add as" not in curator.read_post("deep-2")
    assert not answer.json()["is_new"]


@pytest.mark.parametrize(
    ("post", "language", "status"), [("deep-2", "fr", 422), ("deep-1", "en", 422), ("alone", "en", 422)]
)
def test_what_cannot_be_noted_is_refused(curator: Curator, post: str, language: str, status: int) -> None:
    assert curator.decide(post, "series", language=language).status_code == status
    assert note_of(curator, post) is None


def test_a_note_that_was_changed_meanwhile_is_shown_first(curator: Curator) -> None:
    number = curator.numbers["deep-2"]
    seen = re.findall(r'name="seen" value="([^"]*)"', curator.read_post("deep-2"))[0]
    curator.send(f"/posts/{number}/series", language="ko", seen=seen)
    noted = curator.get("deep-2").correction

    answer = curator.ask(f"/posts/{number}/series", language="en", seen=seen)
    assert answer.status_code == 409
    assert "was changed meanwhile" in answer.json()["error"]
    assert f'id="post-{number}"' in answer.json()["row"]
    assert curator.get("deep-2").correction == noted


def test_a_note_needs_the_token(curator: Curator) -> None:
    answer = curator.client.post(f"/posts/{curator.numbers['deep-2']}/series", data={"language": "en"})
    assert answer.status_code in {400, 403, 422}
    assert note_of(curator, "deep-2") is None


def test_the_digest_page_lists_what_is_not_linked(curator: Curator) -> None:
    curator.decide("셋째", "approve")
    curator.decide("alone", "approve")
    said = "Earlier parts of these series are not linked yet:"
    page = curator.read("/digest/2022-12")
    assert said in page
    assert f"#post-{curator.numbers['셋째']}" in page
    assert f"#post-{curator.numbers['alone']}" not in page
    curator.decide("셋째", "series", language="ko")
    assert said not in curator.read("/digest/2022-12")


def test_a_printed_post_is_offered_nothing(curator: Curator) -> None:
    curator.decide("셋째", "approve")
    publish.make_digest(curator.app, DEC, DigestState.PRINTED)
    pane = read_pane(curator, "셋째")
    assert "Part 3 of 3 so far" in pane
    assert "Add as" not in pane


# --- the command line ---


def test_series_from_the_command_line(
    tmp_path: Path, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    url = feed_server.play("/feed.xml", _document(("a", "MLOps 구축기", 1), ("b", "MLOps 구축기 2편: 서빙", 8)))
    (tmp_path / "feeds.toml").write_text(
        '[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n\n'
        f'[feeds.haneul]\nname = "하늘상점"\nurl = "{url}"\nlanguage = "ko"\nkind = "company"\n',
        encoding="utf-8",
    )
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGREGATOR_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["aggregator", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code or 0) == code, err
        return out, err

    run("visit")
    out, _ = run("series", f"{SITE}/b")
    assert "Part 2 of 2 so far" in out
    assert f"note (ko): [1편]({SITE}/a)도 읽어보세요." in out
    out, _ = run("series", f"{SITE}/b", "--accept")
    assert f"note of the line: [1편]({SITE}/a)도 읽어보세요." in out
    _, err = run("series", f"{SITE}/b", "--accept", code=1)
    assert "has no earlier part" in err
    run("undo")
    out, _ = run("series", f"{SITE}/b", "--json")
    told = json.loads(out)
    assert [(one["name"], one["state"]) for one in told["instalments"]] == [("1편", "undecided"), ("2편", "undecided")]
    assert told["note"] is None
    assert told["proposals"] == {"ko": f"[1편]({SITE}/a)도 읽어보세요."}
    run("series", f"{SITE}/b", "--language", "fr", code=2)
