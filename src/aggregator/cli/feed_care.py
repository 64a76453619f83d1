"""``aggregator feeds care`` and ``hosts``: what may be changed about what is followed, and how hosts are followed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, looking, out, print_json, tell_changes
from aggregator.cli.written import write_text
from aggregator.exceptions import AggregatorError
from aggregator.locales import mark, t

_Names = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Write a proposal into feeds.toml, or all that are `new`; may be given again."),
]
_TAKEN = mark("{name}: written into {file}")
_DISMISSED = mark("{name}: is not proposed again")
_AGAIN = mark("{name}: may be proposed again")


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
    from aggregator.words.care import say_proposal

    if take or dismiss or again:
        with changing(context) as aggregator:
            file = aggregator.feeds_file
            told, refused = _do_each(
                (take, partial(caring.take, aggregator, file), partial(t, _TAKEN, file=file.file)),
                (dismiss, partial(caring.dismiss, aggregator), partial(t, _DISMISSED)),
                (again, partial(caring.propose_again, aggregator), partial(t, _AGAIN)),
            )
        tell_changes(told, refused=refused, as_json=as_json)
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
    elif any(each.can_be_taken for each in proposals):
        out.print(t("`aggregator feeds care --take NAME` writes it into feeds.toml, --dismiss NAME lets it rest."))


def _do_each(
    *acts: tuple[list[str] | None, Callable[[str], object], Callable[..., str]],
) -> tuple[list[str], list[tuple[str, AggregatorError]]]:
    """Do each act to each of its names; one that is refused does not stop the others. Returns what was done, in words,
    and the names that were refused.
    """
    told, refused = list[str](), list[tuple[str, AggregatorError]]()
    for names, act, say in acts:
        for name in names or ():
            try:
                act(name)
            except AggregatorError as error:
                refused.append((name, error))
            else:
                told.append(say(name=name))
    return told, refused


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
        "found": proposal.found,
        "added": proposal.added and proposal.added.isoformat(),
        "number": proposal.number,
        "since": proposal.since,
        "said": said,
    }
