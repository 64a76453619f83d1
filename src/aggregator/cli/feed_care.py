"""``aggregator feeds care`` and ``hosts``: what may be changed about what is followed, and how hosts are followed."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, looking, out, print_json, tell_changes
from aggregator.cli.written import write_text
from aggregator.locales import t

_Names = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Write a proposal into feeds.toml; may be given again.")
]


def care(
    context: typer.Context,
    take: _Names = None,
    dismiss: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Dismiss a proposal; may be given again.")
    ] = None,
    again: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Make a dismissed proposal again; may be given again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what to change about the feeds: moved addresses, dying and useless feeds, hosts that no feed covers."""
    from aggregator.pipeline import care as caring
    from aggregator.words.care import TAKEN, say_proposal

    if take or dismiss or again:
        told = []
        with changing(context) as aggregator:
            for name in take or ():
                caring.take(aggregator, aggregator.feeds_file, name)
                told.append(t("{name}: written into {file}", name=name, file=aggregator.feeds_file.file))
            for name in dismiss or ():
                caring.dismiss(aggregator, name)
                told.append(t("{name}: is not proposed again", name=name))
            for name in again or ():
                caring.propose_again(aggregator, name)
                told.append(t("{name}: may be proposed again", name=name))
        tell_changes(told, as_json=as_json)
        return
    with looking(context) as aggregator:
        proposals, zone = caring.list_proposals(aggregator), aggregator.zone
    if as_json:
        print_json([_describe(each, say_proposal(each, zone)) for each in proposals])
        return
    for each in proposals:
        out.print(f"{each.name}\n    {say_proposal(each, zone)}", soft_wrap=True, highlight=False)
    if not proposals:
        out.print(t("Nothing is proposed."))
    elif any(each.advice in TAKEN for each in proposals):
        out.print(t("`aggregator feeds care --take NAME` writes it into feeds.toml, --dismiss NAME lets it rest."))


def hosts(
    context: typer.Context,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the table as Markdown.")] = False,
    as_json: Json = False,
) -> None:
    """Show how each host of the digests that were printed or read is followed, with the last result."""
    from aggregator.pipeline.care import list_hosts
    from aggregator.words.care import list_cells, say_followed, write_table

    with looking(context) as aggregator:
        rows, states = list_hosts(aggregator)
        now, zone = aggregator.now, aggregator.zone
    if as_json:
        print_json([
            {
                "host": row.place,
                "lines": row.lines,
                "way": str(row.way),
                "feed": row.feed and row.feed.key,
                "wall": row.wall,
                "verified": row.feed and row.feed.verified and row.feed.verified.isoformat(),
                "last_success_at": row.feed and states[row.feed.key].last_success_at,
                "last_reason": row.feed and states[row.feed.key].last_reason,
            }
            for row in rows
        ])  # fmt: skip
        return
    head = (t("host"), t("lines"), t("followed by"), t("feed"), t("last result"))
    cells = [list_cells(row, states.get(row.feed.key) if row.feed else None, now, zone) for row in rows]
    if markdown:
        write_text(f"{write_table(head, list(cells))}\n{say_followed(rows)}\n")
        return
    table = Table(*head, box=None, padding=(0, 2, 0, 0), pad_edge=False, highlight=False)
    for line in cells:
        table.add_row(*line)
    out.print(table)
    out.print(say_followed(rows))


def _describe(proposal: Any, said: str) -> dict[str, Any]:
    return {
        "name": proposal.name,
        "advice": str(proposal.advice),
        "about": proposal.about,
        "url": proposal.url,
        "number": proposal.number,
        "since": proposal.since,
        "said": said,
    }
