"""``aggregator evaluate rank``: how good the ranking is, on a file of posts or on the stored months."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aggregator.cli.base import Json, err, looking, out, print_json
from aggregator.cli.mixture import describe_mixture, print_mixture
from aggregator.cli.options import get_options
from aggregator.evaluate.depth import find_depth
from aggregator.evaluate.metrics import ORDERS
from aggregator.locales import t, tn

if TYPE_CHECKING:
    from aggregator.evaluate.backtest import MonthMetrics
    from aggregator.evaluate.metrics import OrderMetrics
    from aggregator.pipeline.backtest import FileMetrics


def register(app: typer.Typer) -> None:
    """Add the command to ``aggregator evaluate``."""
    app.command("rank")(evaluate_rank)


def evaluate_rank(
    context: typer.Context,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="JSON lines of posts that say what was printed, or their scope; may be repeated. "
            "By default the stored months."
        ),
    ] = None,
    without_digest: Annotated[
        bool,
        typer.Option("--without-digest", help="With --data: leave out what the project learned from its own digest."),
    ] = False,
    shortlist: Annotated[
        bool, typer.Option("--shortlist", help="Also print the shortlist of the mixed month.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replay months in order: rank each from the months before it, and compare with what was printed. Posts with a
    scope form one more month after these, which shows how many posts out of scope reach the shortlist.
    """
    if without_digest and not data:
        raise typer.BadParameter(
            t("goes with --data; stored months leave the digest out by themselves if they have to")
        )
    mixture = None
    if data:
        measured = _measure_files(context, data, with_digest=not without_digest)
        figures, mixture = measured.months, measured.mixture
    else:
        figures = _measure_home(context)
    if as_json:
        told: dict[str, Any] = {"months": [_describe_month(each) for each in figures]}
        print_json(told | ({"mixed_month": describe_mixture(mixture)} if mixture else {}))
        return
    if figures or not mixture:
        _print_tables(figures)
    if data and not without_digest:
        _warn_of_digest(figures)
    if mixture:
        print_mixture(mixture, with_shortlist=shortlist)
    if figures and data is None:
        out.print(
            t(
                "These figures look too good: undecided posts were guessed again by classifiers that had learned from "
                "the verdicts on their month."
            )
        )


def _measure_files(context: typer.Context, data: Sequence[Path], *, with_digest: bool) -> FileMetrics:
    # Imported late: scikit-learn takes a second, and other commands would wait for it.
    from aggregator.pipeline import backtest
    from aggregator.pipeline.weights import make_quotas, make_weights

    config = get_options(context).load()
    settings = config.settings
    return backtest.measure_files(
        data,
        config.feeds,
        settings.zone,
        with_digest=with_digest,
        weights=make_weights(settings),
        quotas=make_quotas(settings),
    )


def _warn_of_digest(figures: Sequence[MonthMetrics]) -> None:
    from aggregator.pipeline.metrics import is_in_shipped_digest

    told = [str(each.month) for each in figures if is_in_shipped_digest(each.month)]
    if told:
        err.print(
            t(
                "The digest that comes with the project knows {months}, so these figures look too good; "
                "--without-digest leaves it out.",
                months=", ".join(told),
            )
        )


def _measure_home(context: typer.Context) -> list[MonthMetrics]:
    from aggregator.pipeline import metrics

    with looking(context) as aggregator:
        return metrics.measure_stored(aggregator)


def _describe_month(figures: MonthMetrics) -> dict[str, Any]:
    return {
        "month": str(figures.month),
        "n": figures.n,
        "printed": figures.printed,
        **{name: _describe_order(order) for name, order in figures.orders.items()},
        "within_source_pairs": figures.pairs,
        "disclosed": {kind: {"posts": n, "printed": printed} for kind, (n, printed) in figures.disclosed.items()},
        "shortlist": {"size": figures.shortlist, "printed": figures.shortlisted},
        "looked_at": {
            name: {"85%": find_depth(places, 0.85), "100%": places[-1]}
            for name, places in figures.places.items()
            if places
        },
        "minutes_saved": round(figures.count_minutes_saved(), 1) if figures.printed else None,
    }


def _describe_order(order: OrderMetrics) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, 4)
        for name, value in ((name, getattr(order, name)) for name in order.__slots__)
    }


def _print_tables(figures: Sequence[MonthMetrics]) -> None:
    if not figures:
        out.print(t("No stored month has a digest or an approved post yet; --data FILE measures on a file of posts."))
        return
    from aggregator.evaluate.backtest import SECONDS_A_POST, pool_within_source

    for each in figures:
        table = Table(
            t("order"),
            t("precision at n"),
            t("recall at 2n"),
            t("average precision"),
            t("within-source AUC"),
            t("looked at for 85 %"),
            title=tn(
                "{month}: {printed} of {number} post printed",
                "{month}: {printed} of {number} posts printed",
                each.n,
                month=each.month,
                printed=each.printed,
            ),
        )
        for name, order in each.orders.items():
            values = _describe_order(order).values()
            said = ["-" if value is None else f"{value:.3f}" for value in values]
            table.add_row(t(ORDERS[name]), *said, str(find_depth(each.places[name], 0.85) or "-"))
        out.print(table)
        if each.printed:
            out.print(
                t(
                    "A shortlist of {size} has {shortlisted} of them. Reading down to 85 % of what was printed takes "
                    "{minutes} minutes less than reading all posts, at {seconds} seconds a post (an assumption).",
                    size=each.shortlist,
                    shortlisted=each.shortlisted,
                    minutes=f"{each.count_minutes_saved():.0f}",
                    seconds=f"{SECONDS_A_POST:.0f}",
                )
            )
    if pooled := pool_within_source(figures):
        told = ", ".join(f"{t(ORDERS[name])} {value:.3f}" for name, value in pooled.items())
        pairs = sum(each.pairs for each in figures)
        out.print(
            tn(
                "Within-source AUC of all months, over {number} pair of a printed and an unprinted post: {figures}.",
                "Within-source AUC of all months, over {number} pairs of a printed and an unprinted post: {figures}.",
                pairs,
                figures=told,
            )
        )
