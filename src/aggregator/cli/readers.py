"""``aggregator suggestions`` and ``aggregator invitations``: what readers and colleagues are let do, and did."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, describe, looking, out, print_json, read_month, tell_changes
from aggregator.cli.completion import complete_months
from aggregator.locales import t, tn, tp
from aggregator.types import InvitationKind

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer()
suggestions = typer.Typer(
    name="suggestions", no_args_is_help=True, help="Show what readers have suggested, read it now, and answer."
)
invitations = typer.Typer(
    name="invitations",
    no_args_is_help=True,
    help="Give out links without a login: to suggest posts, or to read a draft and remark on it.",
)
app.add_typer(suggestions)
app.add_typer(invitations)

Suggested = Annotated[int, typer.Argument(metavar="SUGGESTION", help="The number of a suggestion.")]


@suggestions.command("list")
def list_suggestions(context: typer.Context, as_json: Json = False) -> None:
    """Show what readers have suggested and what became of it, the newest first."""
    from aggregator import words
    from aggregator.pipeline import suggesting
    from aggregator.words.readers import name_suggested, say_standing, write_reply

    with looking(context) as aggregator:
        found, zone = suggesting.list_told(aggregator), aggregator.zone
    if as_json:
        return print_json(
            [
                describe(each.suggestion) | {"standing": describe(each.standing), "reply": write_reply(each)}
                for each in found
            ]
        )
    if not found:
        return out.print(t("Nobody has suggested anything."))
    table = Table("", t("suggested"), t("sent"), t("what became of it"), t("answer to"))
    for each in found:
        sent = words.day(each.suggestion.sent_at, zone)
        said, number = say_standing(each.standing), str(each.suggestion.id)
        table.add_row(number, name_suggested(each), sent, said, each.suggestion.contact)
    return out.print(table)


@suggestions.command()
def read(context: typer.Context, as_json: Json = False) -> None:
    """Read the issues at GitHub and look at some suggestions now; the daemon does it by itself."""
    with changing(context) as aggregator:
        found = asyncio.run(_read(aggregator))
    said = tn("{number} suggestion has its post.", "{number} suggestions have their posts.", found)
    tell_changes([said], as_json=as_json)


async def _read(aggregator: App) -> int:
    await aggregator.issue_reader.read()
    return await aggregator.suggestion_reader.read_due()


@suggestions.command()
def decline(
    context: typer.Context,
    number: Suggested,
    reason: Annotated[str, typer.Argument(help="What the reader is told.")],
    as_json: Json = False,
) -> None:
    """Turn a suggestion down that has no post to reject."""
    from aggregator.pipeline import suggesting

    with changing(context) as aggregator:
        suggesting.decline(aggregator, number, reason)
    tell_changes([t("Suggestion {number} is turned down.", number=number)], as_json=as_json)


@suggestions.command()
def answered(context: typer.Context, number: Suggested, as_json: Json = False) -> None:
    """Note that you have answered a reader; how to do so is deleted a week later."""
    from aggregator.pipeline import suggesting

    with changing(context) as aggregator:
        suggesting.note_answer(aggregator, number)
    tell_changes([t("Suggestion {number} is answered.", number=number)], as_json=as_json)


@invitations.command("list")
def list_invitations(context: typer.Context, as_json: Json = False) -> None:
    """Show the links that were given out, the newest first."""
    from aggregator.pipeline.invitations import list_invitations, show_path
    from aggregator.words.readers import say_invitation

    with looking(context) as aggregator:
        found, now, zone = list_invitations(aggregator), aggregator.now, aggregator.zone
        key = aggregator.login_key if found else ""
    if as_json:
        return print_json([_describe(each, show_path(each, key)) for each in found])
    if not found:
        return out.print(t("No link was given out. `aggregator invitations add suggest` makes one."))
    table = Table("", t("for whom"), tp("a link", "for what"), t("path"))
    for each in found:
        path = show_path(each, key) if each.is_open(now) else ""
        table.add_row(str(each.id), each.name, say_invitation(each, now, zone), path)
    return out.print(table)


@invitations.command()
def add(
    context: typer.Context,
    kind: Annotated[InvitationKind, typer.Argument(help="suggest or draft.")],
    month: Annotated[str | None, typer.Option(help="The month of the draft.", autocompletion=complete_months)] = None,
    name: Annotated[str, typer.Option(help="For whom it is; only you see it.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, max=366, help="It ends after so many days; without, a draft after 14.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a link, and show its path on the page; whoever has it needs no login."""
    from aggregator.pipeline.invitations import invite, show_path

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month) if kind is InvitationKind.DRAFT else None
        made = invite(aggregator, aggregator.login_key, kind, name=name, month=wanted, days=days)
        path = aggregator.settings.server.public_url.rstrip("/") + show_path(made, aggregator.login_key)
    if as_json:
        return print_json(_describe(made, path))
    return out.print(path, soft_wrap=True)


@invitations.command()
def end(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="LINK", help="Its number; `invitations list` shows it.")],
    as_json: Json = False,
) -> None:
    """End a link; whoever has it is refused from now on."""
    from aggregator.pipeline.invitations import end_invitation

    with changing(context) as aggregator:
        end_invitation(aggregator, number)
    tell_changes([t("Link {number} is ended.", number=number)], as_json=as_json)


@invitations.command()
def remarks(
    context: typer.Context,
    month: Annotated[
        str | None, typer.Argument(help="By default the open month.", autocompletion=complete_months)
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what colleagues said of the draft of a month, the oldest first."""
    from aggregator import words
    from aggregator.pipeline.remarks import list_remarks

    with looking(context) as aggregator:
        found, zone = list_remarks(aggregator, read_month(aggregator, month)), aggregator.zone
    if as_json:
        return print_json([describe(each) for each in found])
    if not found:
        return out.print(t("Nobody has remarked on this draft."))
    table = Table("", t("line"), t("remark"), tp("column", "said"), t("done"))
    for each in found:
        said = f"{each.name}, {words.day(each.at, zone)}"
        done = words.day(each.done_at, zone) if each.done_at else ""
        table.add_row(str(each.id), each.title or t("all of it"), each.text, said, done)
    return out.print(table)


@invitations.command()
def done(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="REMARK", help="Its number; `invitations remarks` shows it.")],
    as_json: Json = False,
) -> None:
    """Mark a remark as done."""
    from aggregator.pipeline.remarks import mark_done

    with changing(context) as aggregator:
        found = mark_done(aggregator, number)
    tell_changes([t("The remark of {name} is done.", name=found.name)], as_json=as_json)


def _describe(invitation: object, path: str) -> dict[str, object]:
    said = {name: value for name, value in describe(invitation).items() if name not in {"salt", "hash"}}
    return said | {"path": path}
