"""A picture of how sure guesses are against how often they are right. Pure: bins in, SVG out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggregator.classify.evaluate import Bin

_SIDE, _GAP, _EDGE = 240, 60, 45
_STYLE = "font: 12px sans-serif; fill: #333"


def draw_reliability(panels: Mapping[str, Sequence[Bin]]) -> str:
    """One square for each named row of bins: probability to the right, share of right guesses upwards. A point is as
    large as its bin; on the diagonal guesses are as sure as they are right.
    """
    width = _EDGE * 2 + len(panels) * (_SIDE + _GAP) - _GAP
    height = _SIDE + _EDGE * 2
    squares = [
        _draw_panel(name, bins, _EDGE + place * (_SIDE + _GAP)) for place, (name, bins) in enumerate(panels.items())
    ]
    size = f'width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}>'
    return "\n".join((head, f'<rect {size} fill="white"/>', *squares, "</svg>", ""))


def _draw_panel(name: str, bins: Sequence[Bin], left: int) -> str:
    filled = [each for each in bins if each.n]
    most = max((each.n for each in filled), default=1)
    points = [(each.confidence * _SIDE, _SIDE - each.right * _SIDE, each) for each in filled]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + 7 * (each.n / most) ** 0.5:.1f}" fill="#2563eb" fill-opacity="0.7">'
        f"<title>{each.n} guesses: {each.confidence:.0%} sure, {each.right:.0%} right</title></circle>"
        for x, y, each in points
    )
    return (
        f'<g transform="translate({left} {_EDGE})"><text x="0" y="-12" style="{_STYLE}">{name}</text>'
        f'<rect width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>'
        f'<path d="M0 {_SIDE}L{_SIDE} 0" stroke="#bbb" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#2563eb"/>{circles}'
        f'<text x="{_SIDE / 2}" y="{_SIDE + 30}" text-anchor="middle" style="{_STYLE}">probability</text>'
        f'<text x="-6" y="{_SIDE}" text-anchor="end" style="{_STYLE}">0</text>'
        f'<text x="-6" y="10" text-anchor="end" style="{_STYLE}">1</text>'
        f'<text x="{_SIDE}" y="{_SIDE + 15}" text-anchor="end" style="{_STYLE}">1</text></g>'
    )
