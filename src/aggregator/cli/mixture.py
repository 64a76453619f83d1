"""The output of ``aggregator evaluate rank`` for a mixed month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from aggregator.cli.base import out
from aggregator.evaluate.metrics import ORDERS
from aggregator.locales import t, tn, tp

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
        *(t("order"), t("places"), t("clearly out"), t("in draws"), tp("column", "out")),
        *(t("parts"), t("topics"), t("languages"), t("sources"), t("most of one")),
        title=tn(
            "A mixed month: {number} post, {out} of them clearly out of scope",
            "A mixed month: {number} posts, {out} of them clearly out of scope",
            whole.posts,
            out=whole.clearly_out,
        ),
    )
    table.add_row(t("all posts"), *_list_cells(whole, ""))
    for name, places in figures.orders.items():
        least, most = figures.drawn[name]
        table.add_row(t(ORDERS[name]), *_list_cells(places, t("{least} to {most}", least=least, most=most)))
    out.print(table)
    out.print(
        t(
            "In draws: the fewest and the most in {draws} months with four fifths of the posts. Parts and topics count "
            "the labels of posts in scope. Clearly in scope, but not proposed for their scope: {number}.",
            draws=DRAWS,
            number=figures.good_kept_off,
        )
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
        return str(labelled.section or t("in scope"))
    return t("OUT") if labelled.is_sure else t("perhaps out")


def _say_publisher(labelled: Labelled) -> str:
    return labelled.post.organisation or labelled.post.feed_key or t("no organisation")
