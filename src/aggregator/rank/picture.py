"""How much of a digest lies within the first posts of an order, as a picture (SVG). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from aggregator.rank.backtest import MonthFigures
from aggregator.rank.metrics import ORDERS

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 150, 40, 48
_COLOURS = {
    "ours": "#1f6feb",
    "newest_first": "#8b949e",
    "source_rate": "#bf8700",
    "popularity": "#8250df",
    "svm": "#2da44e",
}


def draw_recall(figures: Sequence[MonthFigures]) -> str:
    """Recall against depth in each month, over the printed posts of all; raises ValueError when there is none."""
    months = [each for each in figures if each.printed]
    if not months:
        raise ValueError("no month printed anything")
    deepest = max(each.n for each in months)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="13">',
        "<title>Share of the printed posts within the first posts of each order</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(_describe(months))}</text>',
        *_draw_grid(deepest),
    ]
    names = [name for name in ORDERS if all(name in each.recalls for each in months)]
    ends = []
    for name in names:
        recalls = _average([(each.recalls[name], each.printed) for each in months], deepest)
        points = " ".join(f"{_x(depth, deepest):.1f},{_y(recall):.1f}" for depth, recall in enumerate([0.0, *recalls]))
        width = 3 if name == "ours" else 1.5
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_COLOURS[name]}" stroke-width="{width}"/>')
        ends.append((name, sum(recalls) / len(recalls)))
    # The names in the order of the curves, the best at the top.
    for place, (name, _) in enumerate(sorted(ends, key=lambda end: -end[1])):
        y = _TOP + 20 + 20 * place
        parts.append(
            f'<text x="{_WIDTH - _RIGHT + 14}" y="{y}" fill="{_COLOURS[name]}" font-weight="'
            f'{"bold" if name == "ours" else "normal"}">{ORDERS[name]}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _describe(months: Sequence[MonthFigures]) -> str:
    first, last = months[0].month, months[-1].month
    span = str(first) if first == last else f"{first} to {last}"
    return f"Printed posts found within so many looked at, {span}"


def _draw_grid(deepest: int) -> list[str]:
    lines = []
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        lines.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d8dee4"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent} %</text>')
    for quarter in range(5):
        depth = round(deepest * quarter / 4)
        x = _x(depth, deepest)
        lines.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{depth}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    lines.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">posts looked at</text>')
    return lines


def _average(recalls: Sequence[tuple[Sequence[float], int]], deepest: int) -> list[float]:
    """Each month counts by what it printed; one that is over stays at what was reached."""
    printed = sum(count for _, count in recalls)
    return [
        sum(each[min(depth, len(each) - 1)] * count for each, count in recalls) / printed for depth in range(deepest)
    ]


def _x(depth: float, deepest: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * depth / max(deepest, 1)


def _y(recall: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * recall
