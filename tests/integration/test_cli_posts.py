"""Copies from the command line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.app import open_app
from aggregator.cli import main
from aggregator.config import load_config
from aggregator.pipeline import follow
from world import FEED, make_draft, make_update, store

Run = Callable[..., str]
TEXT = " ".join(
    f"문단{number}에서는 추천 {number * 7} 단계의 지연 {number * 13} ms를 줄인 방법{number}" for number in range(30)
)
OTHER = " ".join(f"배포 도구{number}를 고르며 비교한 항목 {number * 17}과 결정{number}의 이유" for number in range(30))
FIRST, SECOND, THIRD = (f"https://tech.haneul.example/{number}" for number in (1, 2, 3))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGREGATOR_HOME", str(tmp_path))
    (tmp_path / "feeds.toml").write_text(
        f'[feeds.{FEED.key}]\nname = "{FEED.name}"\nurl = "{FEED.url}"\nkind = "company"\n', encoding="utf-8"
    )
    with open_app(load_config({}, home=tmp_path)) as app:
        store(
            app.database,
            make_update(make_draft(1, title="실시간 추천 구축 이야기", text=TEXT)),
            make_update(make_draft(3, title="배포 [도구] 고르기", text=OTHER)),
        )
        # Not in one document with the first.
        with app.database.writing() as connection:
            connection.exec_driver_sql("UPDATE entries SET in_window = false, first_seen_at = '2022-11-01 00:00:00'")
        longer = f"{TEXT} 끝으로 한마디 더합니다"
        store(app.database, make_update(make_draft(2, title="실시간 추천 구축 이야기", text=longer)))
        follow.take_over(app.database, app.config.feeds, file=str(app.config.file), is_asked=True)
        app.judge.find_copies()

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["aggregator", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code or 0) == code, err
        assert "Traceback" not in err
        return out + err

    return run


def list_copies(run: Run, *arguments: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(run("posts", "copies", *arguments, "--json"))["pairs"]
    return rows


def test_copies_are_found_split_and_merged(run: Run) -> None:
    (row,) = list_copies(run, FIRST)
    assert (row["said"], row["url"], row["other_url"]) == ("same", FIRST, SECOND)
    assert "the same title" in row["why"]  # type: ignore[operator]
    assert "An article of its own: 실시간" in run("posts", "split", SECOND)
    assert list_copies(run, FIRST) == []
    assert "Shown: 실시간" in run("posts", "merge", SECOND, FIRST, THIRD)
    assert {row["other_url"] for row in list_copies(run, THIRD)} == {SECOND, THIRD}
    run("posts", "split", THIRD, FIRST)
    assert [row["other_url"] for row in list_copies(run, FIRST)] == [SECOND]
    assert "1 pair." in run("posts", "copies", FIRST)


def test_mistakes_are_sentences(run: Run) -> None:
    assert "it is not a copy and does not have copies" in run("posts", "split", THIRD, code=1)
    assert "a post is the same as itself" in run("posts", "merge", THIRD, code=1)
    assert "no post has the number or address 99" in run("posts", "merge", THIRD, "99", code=1)
    assert "0 pairs" in run("posts", "copies")
