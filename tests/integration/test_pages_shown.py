"""What the view of a post shows of the text of a post and of what it links to."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from aggregator.config import SHIPPED_TEXTS
from aggregator.types import Candidate, TextSource
from aggregator.web.pane.view import RESOURCES, build_post
from aggregator.words import language
from aggregator.words.sections import name_sections
from world import make_post

SEOUL = ZoneInfo("Asia/Seoul")


def _view(**changes: Any) -> Any:
    return build_post(Candidate(make_post(**changes)), name_sections(SHIPPED_TEXTS), SEOUL)


def test_a_post_says_how_much_there_is() -> None:
    assert _view(words=1204, images=1, code_lines=30).extent == "1,204 words, 1 picture, 30 lines of code"
    assert _view(words=900, text_from=TextSource.PAGE).extent == "900 words, from its page"
    assert _view().extent == ""


def test_a_post_shows_what_can_be_run_before_papers_and_its_own_first() -> None:
    papers = tuple(f"https://arxiv.org/abs/2301.0{number}" for number in range(1000, 1006))
    view = _view(links=(*papers, "https://github.com/other/tool", "https://github.com/haneul-tech/store"))
    assert [one.kind for one in view.resources[:3]] == ["own code", "code", "paper"]
    assert (len(view.resources), view.more_resources) == (RESOURCES, 3)


def test_languages_other_than_the_two_are_one_choice() -> None:
    assert [language(code) for code in ("ko", "en", "other", "sv", "xx")] == [
        "Korean",
        "English",
        "Other",
        "sv",
        "xx",
    ]
