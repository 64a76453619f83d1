"""``aggregator evaluate rank`` as a script calls it: no home, JSON out, a clear sentence for what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aggregator.classify.model import SectionModel, load_model
from aggregator.classify.training import Row

Run = Callable[..., subprocess.CompletedProcess[str]]

ORDERS = ("ours", "newest_first", "source_rate", "svm")
FIGURES = {"precision_at_n", "recall_at_2n", "average_precision", "within_source_auc"}


def _line(number: int, month: str, title: str, source: str, *, printed: bool) -> dict[str, Any]:
    more = {"part": "business", "topic": "mlops"} if printed else {}
    return {
        "url": f"https://{source}.example/{number}",
        "title": title,
        "published": month,
        "source": source,
        "organisation": "하늘상점",
        "language": "ko",
        "printed": printed,
    } | more


ROWS = [
    _line(1, "2023-03", "실시간 추천 모델 서빙 도입기", "haneul", printed=True),
    _line(2, "2023-03-04", "백엔드 개발자 채용 공고", "haneul", printed=False),
    _line(3, "2023-03-05T10:00:00+09:00", "사내 체육 대회 후기", "dasan", printed=False),
    _line(4, "2023-04-01", "검색 랭킹 모델 개선기", "haneul", printed=True),
    _line(5, "2023-04-02", "iOS 앱 빌드 시간 줄이기", "dasan", printed=False),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, kept_fits: None, call_console: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGREGATOR_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    return partial(call_console, "evaluate", "rank")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    # With the mark that some editors put before a text.
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8-sig")
    return path


def test_a_file_is_measured_without_a_home(run: Run, home: Path, data: Path) -> None:
    done = run("--data", str(data), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert [(month["month"], month["n"], month["printed"]) for month in told["months"]] == [
        ("2023-03", 3, 1),
        ("2023-04", 2, 1),
    ]
    for month in told["months"]:
        for order in ORDERS:
            assert set(month[order]) == FIGURES
        assert month["ours"]["average_precision"] == 1.0
    # dasan has no pair, haneul has one in March alone.
    assert [month["ours"]["within_source_auc"] for month in told["months"]] == [1.0, None]
    assert not home.exists()


def test_a_person_gets_a_table(run: Run, data: Path) -> None:
    done = run("--data", str(data))
    assert done.returncode == 0
    assert "2023-03: 1 of 3 posts printed" in done.stdout
    said = " ".join(done.stdout.split())
    assert "seconds a post (an assumption)" in said
    assert "of all months, over 1 pair of a printed and an unprinted post: this ranking 1.000, newest first" in said


def test_labelled_posts_make_a_mixed_month_after_those_that_were_printed(run: Run, data: Path, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.jsonl"
    rows = [
        row
        | {"scope": "in" if row["printed"] else "out", "published": f"2023-06-0{n}", "printed": None}
        | {"title": f"[draft] {row['title']}"}
        for n, row in enumerate(ROWS, 1)
    ]
    rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    mixed.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    told = json.loads(run("--data", str(data), "--data", str(mixed), "--json").stdout)
    assert [month["month"] for month in told["months"]] == ["2023-03", "2023-04"]
    month = told["mixed_month"]
    assert (month["all"]["posts"], month["all"]["clearly_out"], month["all"]["parts"]) == (5, 3, {"business": 2})
    assert list(month["orders"]) == ["ours", "newest_first", "source_rate"]
    assert [post["scope"] for post in month["shortlist"]][:2] == ["in", "in"]
    alone = run("--data", str(mixed), "--shortlist")
    assert "A mixed month: 5 posts, 3 of them clearly out of scope" in alone.stdout
    assert " [draft] 실시간 추천 모델 서빙 도입기 (하늘상점)" in alone.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"url": 1}', "posts.jsonl, line 1: url: 1 is not a text"),
        ("nonsense", "posts.jsonl, line 1: is not JSON"),
        ("", "posts.jsonl: has no posts"),
    ],
)
def test_bad_input_is_told_with_file_and_line(run: Run, data: Path, text: str, message: str) -> None:
    data.write_text(text, "utf-8")
    done = run("--data", str(data), "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_bytes_that_are_no_text_and_files_that_are_not_there(run: Run, data: Path, tmp_path: Path) -> None:
    data.write_bytes(b'{"url"\n\xff}')
    assert "posts.jsonl, line 2: is not UTF-8" in run("--data", str(data)).stderr
    missing = run("--data", str(tmp_path / "none.jsonl"))
    assert missing.returncode == 1
    assert "none.jsonl: cannot be read: No such file or directory" in missing.stderr


def test_months_that_the_shipped_digest_tells_of_can_be_measured_without_it(
    run: Run, data: Path, shipped_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[Sequence[Row]] = []

    def note(rows: Sequence[Row]) -> SectionModel:
        fitted.append(rows)
        return load_model(shipped_model, shipped_model.stem)

    monkeypatch.setattr("aggregator.classify.model.fit_model", note)
    data.write_text(json.dumps(ROWS[0] | {"published": "2022-12"}, ensure_ascii=False), "utf-8")
    flattering = run("--data", str(data))
    assert flattering.returncode == 0
    assert "knows 2022-12, so these figures look too good; --without-digest" in " ".join(flattering.stderr.split())
    honest = run("--data", str(data), "--without-digest")
    assert (honest.returncode, honest.stderr) == (0, "")
    rows, without = fitted
    assert any(row.is_real for row in rows)
    assert without == [row for row in rows if not row.is_real]

    mistaken = run("--without-digest")
    assert mistaken.returncode == 2
    assert "goes with --data" in mistaken.stderr


def test_an_empty_home_says_what_to_do(run: Run) -> None:
    done = run()
    assert done.returncode == 1
    assert "there is no database at" in done.stderr
    assert "`aggregator run` creates it" in done.stderr
