"""``aggregator digest corrections`` and ``correct``: printed lines whose pages have moved or are gone."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cli.base import Json, changing, looking, out, print_json, tell_changes
from aggregator.cli.written import write_differences
from aggregator.exceptions import WorkTreeError
from aggregator.locales import t


def corrections(context: typer.Context, as_json: Json = False) -> None:
    """List the printed lines whose pages have moved or are gone, with what is proposed."""
    from aggregator.pipeline.corrections import list_faults
    from aggregator.shapes.corrections import FaultShape
    from aggregator.words.corrections import build_fault

    with looking(context) as aggregator:
        faults, zone = list_faults(aggregator), aggregator.zone
    if as_json:
        print_json([FaultShape.of(fault) for fault in faults])
        return
    if not faults:
        out.print(t("No printed line waits for a correction."))
    for row in (build_fault(fault, zone) for fault in faults):
        out.print(f"{row.url}\n  {row.title} ({row.printed})\n  {row.said} {row.since}", soft_wrap=True)
        if row.archived:
            out.print(f"  {row.archived} {row.proposed if row.can_put else ''}".rstrip(), soft_wrap=True)


def correct(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The address of a printed line, as `digest corrections` names it.")],
    leave: Annotated[bool, typer.Option("--leave", help="Leave the line as it is, and ask no more.")] = False,
    difference: Annotated[bool, typer.Option("--difference", help="Only show what would change in each file.")] = False,
    as_json: Json = False,
) -> None:
    """Put the new address of a printed line, or an archived one beside it, into your files."""
    from aggregator.cli.delivering import deliver
    from aggregator.pipeline import corrections
    from aggregator.shapes.reprint import FileShape

    if difference and leave:
        raise typer.BadParameter(t("--leave changes no file, so it has no difference"))
    with (looking if difference else changing)(context) as aggregator:
        if leave:
            corrections.leave(aggregator, address)
            tell_changes([t("{address} stays as it is", address=address)], as_json=as_json)
            return
        told: list[str] = []
        if difference:
            with aggregator.reading() as connection:
                plan = corrections.plan_remedy(aggregator, connection, address)
        else:
            try:
                plan = corrections.put_right(aggregator, address)
            except WorkTreeError:
                # It is put right, and only not committed: others are told.
                deliver(aggregator, aggregator.current_month)
                raise
            told = deliver(aggregator, max(plan.fault.months))
    files = [FileShape.of(change.file, change.text, change.edits) for change in plan.changes]
    if difference and as_json:
        print_json({"files": files, "mark": plan.mark})
        return
    if not as_json:
        write_differences(files)
    if not difference:
        changed = [t("Changed {file}", file=change.file) for change in plan.changes]
        tell_changes([*changed, *told], as_json=as_json)
