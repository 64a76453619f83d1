"""``aggregator digest aftermath``: what became of the posts of a quarter, ninety days after the prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, looking, out, print_json
from aggregator.cli.feed_table import clean
from aggregator.locales import t

if TYPE_CHECKING:
    from aggregator.words.aftermath import AftermathView, LineRow, MonthRow


def aftermath(
    context: typer.Context,
    quarter: Annotated[
        str, typer.Argument(help="Such as 2026-Q3; by default the newest that something is known of.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show which posts of a quarter others took up in the ninety days after its prints, and what had buried them."""
    from aggregator.evaluate.aftermath import Quarter
    from aggregator.exceptions import NotFoundError
    from aggregator.pipeline import publish
    from aggregator.pipeline.aftermath import find_aftermath, list_quarters
    from aggregator.words.aftermath import build_aftermath

    with looking(context) as aggregator, aggregator.reading() as connection:
        known = list_quarters(aggregator, connection)
        if not quarter and not known:
            raise NotFoundError(t("ninety days have not passed since any print"))
        found = find_aftermath(aggregator, connection, Quarter.parse(quarter) if quarter else known[0])
        view = build_aftermath(found, publish.get_texts(aggregator), aggregator.zone)
    if as_json:
        from aggregator.shapes.aftermath import AftermathShape

        print_json(AftermathShape.of(found))
    else:
        _print(view)


def _print(view: AftermathView) -> None:
    out.print(view.name, style="bold")
    for sentence in view.said:
        out.print(sentence)
    for month in view.months:
        _print_month(month)
    if view.proposals or view.why_none:
        out.print("\n" + t("Weights that this speaks for"), style="bold")
    if view.why_none:
        out.print(view.why_none)
    for weight in view.proposals:
        out.print(f"{weight.said}\n  aggregator weights set {weight.name} {weight.value}", soft_wrap=True)


def _print_month(month: MonthRow) -> None:
    out.print(f"\n{month.month.name}", style="bold")
    for sentence in month.said:
        out.print(sentence)
    for post in month.taken_up:
        out.print(f"{post.post_id} {clean(post.title)} {clean(post.publisher)}\n  {clean(post.why)}", soft_wrap=True)
        for sign in post.signs:
            out.print(f"  {sign.how}: {clean(sign.of)}, {sign.day} {sign.url}".rstrip(), soft_wrap=True)
        if post.more:
            out.print(f"  {post.more}")
    if month.buried:
        table = Table(t("Not printed because of"), t("Posts"), t("Taken up"), t("Share"))
        for row in month.buried:
            table.add_row(clean(row.name), row.posts, row.taken_up, row.share)
        out.print(table)
    _print_lines(t("Printed lines whose pages are gone"), month.gone)
    _print_lines(t("Printed lines that nobody took up"), month.not_taken_up)


def _print_lines(title: str, lines: tuple[LineRow, ...]) -> None:
    if lines:
        out.print(f"{title}:")
    for line in lines:
        out.print(f"  {clean(line.title)} {line.url} {line.said}".rstrip(), soft_wrap=True)
