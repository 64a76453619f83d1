"""The output of ``aggregator evaluate rank`` for a mixed month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from aggregator.cli.base import out
from aggregator.evaluate.metrics import ORDERS

if TYPE_CHECKING:
    from aggregator.evaluate.mixture import Labelled, MixtureMetrics, Places


def describe_mixture(figures: MixtureMetrics) -> dict[str, Any]:
    """Describe the metrics for a script."""
    return {
        "all": _describe_places(figures.whole),
        "orders": {
            name: _describe_places(places) | {"clearly_out_drawn": list(figures.drawn[name])}
            for name, places in figures.orders.items()
        },
        "good_kept_off": figures.good_kept_off,
        "shortlist": [
            {
                "title": each.post.title,
                "url": each.post.url,
                "scope": "in" if each.is_in else "out",
                "sure": each.is_sure,
                "section": str(each.section) if each.section else None,
            }
            for each in figures.shortlist
        ],
    }


def _describe_places(places: Places) -> dict[str, Any]:
    return asdict(places) | {"most": {"source": places.most[0], "posts": places.most[1]}}


def print_mixture(figures: MixtureMetrics, *, with_shortlist: bool) -> None:
    """Print the metrics for a person."""
    from aggregator.evaluate.mixture import DRAWS

    whole = figures.whole
    table = Table(
        *("order", "places", "clearly out", "in draws", "out"),
        *("parts", "topics", "languages", "sources", "most of one"),
        title=f"A mixed month: {whole.posts} posts, {whole.clearly_out} of them clearly out of scope",
    )
    table.add_row("all posts", *_list_cells(whole, ""))
    for name, places in figures.orders.items():
        least, most = figures.drawn[name]
        table.add_row(ORDERS[name], *_list_cells(places, f"{least} to {most}"))
    out.print(table)
    out.print(
        f"In draws: the fewest and the most in {DRAWS} months with four fifths of the posts. Parts and topics count "
        f"the labels of posts in scope. Clearly in scope, but not proposed for their scope: {figures.good_kept_off}."
    )
    if with_shortlist:
        for place, each in enumerate(figures.shortlist, 1):
            out.print(f"{place:3} {_say_label(each):12} {each.post.title} ({_say_publisher(each)})")


def _list_cells(places: Places, drawn: str) -> list[str]:
    said = [_say_counts(counts) for counts in (places.parts, places.topics, places.languages)]
    most = f"{places.most[1]} {places.most[0]}"
    return [str(places.posts), str(places.clearly_out), drawn, str(places.out), *said, str(places.sources), most]


def _say_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _say_label(labelled: Labelled) -> str:
    if labelled.is_in:
        return str(labelled.section or "in scope")
    return "OUT" if labelled.is_sure else "perhaps out"


def _say_publisher(labelled: Labelled) -> str:
    return labelled.post.organisation or labelled.post.feed_key or "no organisation"
