"""The view of what would have been proposed of a list. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from markupsafe import Markup

from aggregator import words
from aggregator.evaluate.own_list import Answer, Issue, Placed
from aggregator.locales import mark, t
from aggregator.types import Texts
from aggregator.words.own_list import say_answer
from aggregator.words.own_list_picture import draw_answer

COLUMNS = (
    mark("Lines"),
    mark("Tested"),
    mark("Posts"),
    mark("Among the first"),
    mark("Newest first"),
    mark("By chance"),
)


@dataclass(frozen=True, slots=True)
class LeftView:
    """A line that could not be tested."""

    title: str
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue: its figures in the order of ``COLUMNS``, and its lines."""

    key: str
    name: str
    cells: tuple[str, ...]
    placed: tuple[Placed, ...]
    left: tuple[LeftView, ...]


@dataclass(frozen=True, slots=True)
class OwnListView:
    """What would have been proposed."""

    said: tuple[str, ...]
    picture: Markup | None
    issues: tuple[IssueView, ...]
    made: str


def build_own_list(answer: Answer, texts: Texts, zone: ZoneInfo) -> OwnListView:
    # What is filled into the picture is escaped there.
    picture = Markup(draw_answer(answer, texts, is_alone=False)) if answer.tested else None  # noqa: S704
    return OwnListView(
        said=tuple(say_answer(answer, texts)),
        picture=picture,
        issues=tuple(_build_issue(issue, answer.first) for issue in answer.issues),
        made=words.day_and_time(answer.made_at, zone),
    )


def _build_issue(issue: Issue, first: int) -> IssueView:
    counts = (issue.lines, len(issue.placed), issue.candidates)
    found = (issue.count_found(first), issue.count_newest(first)) if issue.placed else ()
    chance = [f"{issue.expect(first):.1f}"] if issue.placed else []
    cells = [*(f"{number:,}" for number in (*counts, *found)), *chance]
    return IssueView(
        key=str(issue.month),
        name=issue.month.name,
        cells=(*cells, *["–"] * (len(COLUMNS) - len(cells))),
        placed=issue.placed,
        left=tuple(LeftView(each.title, each.url, t(each.why)) for each in issue.left),
    )
