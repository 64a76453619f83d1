"""Draws where the lines of a list stood: a strip an issue, from the first post to the last. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from aggregator.evaluate.own_list import Answer, Issue
from aggregator.locales import get_language, t
from aggregator.types import Texts
from aggregator.words.own_list import say_answer, say_issue

_WIDTH, _LEFT, _RIGHT = 720, 96, 72
_TOP, _STRIP, _BOTTOM = 24, 40, 28
_BAR, _SHORT = 24, 14
_STEPS = (10, 40, 100, 250, 500, 1000, 2500, 5000, 10000)
# Colours as those of the page, for a file that stands alone.
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1d1c1a}.quiet{fill:#605c55;font-size:11px}
.paper{fill:#fff}.bar{fill:#f1efea}.first{fill:#dfe7f8}.found{fill:#2b478a}.missed{fill:#a2362c}
@media(prefers-color-scheme:dark){text{fill:#e9e6e0}.quiet{fill:#a6a198}
.paper{fill:#1a1b1e}.bar{fill:#24262a}.first{fill:#2b3654}.found{fill:#9db7f5}.missed{fill:#f0958a}}
""".replace("\n", "")


def draw_answer(answer: Answer, texts: Texts, *, is_alone: bool = True) -> str:
    """Draw an answer as SVG, with everything that it shows in words. A picture that is not alone has no colours of its
    own: the page gives them.
    """
    said = say_answer(answer, texts)
    height = _TOP + _STRIP * len(answer.issues) + _BOTTOM
    deepest = max((issue.candidates for issue in answer.issues), default=1)
    drawn = "".join(
        _draw_issue(issue, _TOP + _STRIP * row, answer.first, deepest) for row, issue in enumerate(answer.issues)
    )
    title = t("Where the lines stood among the posts of their month")
    lines = " ".join([*said, *(f"{issue.month.name}: {say_issue(issue, answer.first)}." for issue in answer.issues)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="strips" role="img" lang="{get_language()}"'
        f' viewBox="0 0 {_WIDTH} {height}" aria-labelledby="strips-title strips-words">'
        f'<title id="strips-title">{escape(title)}</title>'
        f'<desc id="strips-words">{escape(lines)}</desc>'
        + (f'<style>{_STYLE}</style><rect class="paper" width="{_WIDTH}" height="{height}"/>' if is_alone else "")
        + _draw_head(answer)
        + drawn
        + "".join(_draw_steps(height, deepest))
        + "</svg>\n"
    )


def _draw_head(answer: Answer) -> str:
    found = t(
        "{found} of {tested} tested lines in the first {first}",
        found=answer.found,
        tested=answer.tested,
        first=answer.first,
    )
    return f'<text x="{_LEFT}" y="14">{escape(found)}</text>'


def _draw_issue(issue: Issue, top: int, first: int, deepest: int) -> str:
    end, edge = _place(issue.candidates, deepest), _place(min(first, issue.candidates), deepest)
    middle = top + _BAR / 2
    parts = [
        f'<text x="{_LEFT - 10}" y="{middle + 4:.0f}" text-anchor="end">{escape(issue.month.name)}</text>',
        f'<rect class="bar" x="{_LEFT}" y="{top}" width="{end - _LEFT:.1f}" height="{_BAR}"/>',
        f'<rect class="first" x="{_LEFT}" y="{top}" width="{edge - _LEFT:.1f}" height="{_BAR}"/>',
    ]
    for line in issue.placed:
        is_found = line.place <= first
        # Missed lines are shorter too: colour does not say it alone.
        tall = _BAR if is_found else _SHORT
        kind, left = "found" if is_found else "missed", _place(line.place, deepest) - 1.5
        named = f"<title>{line.place:,}. {escape(line.title)}</title>"
        parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{middle - tall / 2:.0f}" width="3" height="{tall}">{named}</rect>'
        )
    found = f"{issue.count_found(first)} / {len(issue.placed)}" if issue.placed else "–"
    parts.append(f'<text x="{_WIDTH}" y="{middle + 4:.0f}" text-anchor="end">{found}</text>')
    return "".join(parts)


def _draw_steps(height: int, deepest: int) -> Iterator[str]:
    named = t("Rank")
    for step in [each for each in _STEPS if each < deepest * 0.8] + [deepest]:
        where = f'x="{_place(step, deepest):.1f}" y="{height - 14}"'
        yield f'<text class="quiet" {where} text-anchor="middle">{step:,}</text>'
    yield f'<text class="quiet" x="{_LEFT - 10}" y="{height - 14}" text-anchor="end">{escape(named)}</text>'


def _place(place: int, deepest: int) -> float:
    """Where a place stands: by its root, so that the first places have room."""
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.sqrt(place / max(deepest, 1))
