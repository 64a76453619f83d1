"""``aggregator evaluate classify`` as a person or a script runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from aggregator.app import open_app
from aggregator.config import load_config

Run = Callable[..., subprocess.CompletedProcess[str]]

RECORDS = [
    {
        "title": "Deploy a Fleet of Ranking Models on Amazon SageMaker Endpoints",
        "url": "https://aws.amazon.com/blogs/machine-learning/x/",
        "part": "aws",
        "topic": "mlops",
        "seen": True,
    },
    {
        "title": "Introducing Larkspur: A Library for Continual Learning",
        "url": "https://aws.amazon.com/blogs/machine-learning/y/",
        "organisation": "Amazon",
        "part": "business",
        "topic": "mlops",
    },
    {
        "title": "고객센터 챗봇에 RAG 적용하기",
        "url": "https://tech.haneul.example/rag",
        "summary": "문서 검색과 LLM 답변 생성을 붙였습니다.",
        "organisation": "하늘상점",
        "part": "business",
        "topic": "nlp",
    },
    {
        "title": "A Diffusion Model for Image Editing",
        "url": "https://research.google/blog/z",
        "text": "We propose a method.",
        "organisation": "Google",
        "part": "research",
        "topic": "cv",
        "alt": "business/cv",
        "sure": False,
    },
    {"title": "백엔드 엔지니어 채용", "url": "https://tech.haneul.example/jobs", "language": "ko", "scope": "out"},
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, call_console: Run, kept_fits: None, fit_here: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("AGGREGATOR_HOME", str(home))
    return partial(call_console, "evaluate", "classify")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS), "utf-8")
    return file


def test_a_file_is_measured_without_a_home(run: Run, home: Path, data: Path) -> None:
    done = run("--data", str(data), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["topic", "part", "aws", "scope", "n", "posts_per_second", "groups"]
    for axis in ("topic", "part"):
        figures = ["accuracy", "macro_f1", "top2_accuracy", "ece", "right_or_alt", "macro_f1_interval"]
        assert list(said[axis]) == figures
        assert said[axis]["accuracy"] == said[axis]["macro_f1"] == said[axis]["top2_accuracy"] == 1
        assert said[axis]["macro_f1_interval"] == [1, 1]
        assert 0 <= said[axis]["ece"] < 0.5
    assert said["aws"] == {"precision": 1, "recall": 1, "f1": 1}
    assert said["n"] == 5
    assert (said["scope"]["inside"], said["scope"]["outside"], said["scope"]["auc"]) == (4, 1, 1)
    kinds = ["by engineering", "by lab", "on AWS blogs"]
    assert sorted(said["groups"]) == ["all", *kinds[:2], "en", "ko", kinds[2], "sure"]
    assert [said["groups"][name]["scope"]["inside"] for name in ("sure", "ko", "by lab")] == [3, 1, 1]
    assert said["posts_per_second"] > 0
    assert not home.exists()


def test_people_are_told_in_tables(run: Run, data: Path) -> None:
    done = run("--data", str(data))
    assert done.returncode == 0, done.stderr
    assert "posts.jsonl" in done.stdout
    assert "guessed mlops" in done.stdout
    assert "found at 4 %" in done.stdout


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("not JSON", "line 2: is not JSON"),
        ('{"title": "A"}', "line 2: url is missing"),
        (json.dumps(RECORDS[0] | {"part": "cloud"}), "line 2: part 'cloud' is not one of research, business, aws"),
    ],
)
def test_a_bad_line_is_one_clear_sentence(run: Run, tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(f"{json.dumps(RECORDS[0])}\n{line}\n", "utf-8")
    done = run("--data", str(file), "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"aggregator: {file}, {words}" + done.stderr.partition(words)[2]
    assert done.stderr.count("\n") == 1


def test_a_missing_file_is_told(run: Run, tmp_path: Path) -> None:
    done = run("--data", str(tmp_path / "none.jsonl"), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "none.jsonl: cannot be read: No such file" in done.stderr


def test_the_current_model_is_that_of_the_home(run: Run, home: Path, data: Path) -> None:
    assert "there is no database at" in run("--data", str(data), "--json", "--current").stderr
    assert not home.exists()
    with open_app(load_config({}, home=home)) as app:
        assert "no model is fitted yet" in run("--data", str(data), "--json", "--current").stderr
        app.learner.get()
    done = run("--data", str(data), "--json", "--current")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 5
    assert run("--current").returncode == 2
