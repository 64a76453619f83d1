"""``aggregator adopt``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.base import Json, beginning, err, out, print_json, progress_bar, tell_changes
from aggregator.cli.options import get_options
from aggregator.cli.written import print_remarks
from aggregator.digest.read import Remark
from aggregator.exceptions import ModelError
from aggregator.locales import t, tn

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.pipeline.adopting import Proposal

app = typer.Typer()
#: Remarks of each page that are shown to a person; a script is told all.
_MOST_REMARKS = 40


@app.command()
def adopt(
    context: typer.Context,
    place: Annotated[
        str, typer.Argument(help="A list in Markdown, a folder with a file for each issue, or the address of one.")
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Write feeds.toml into the home, which has none, and import the lines.")
    ] = False,
    find_feeds: Annotated[
        bool,
        typer.Option("--discover", help="Look for feeds at sites of the list that nobody follows; takes minutes."),
    ] = False,
    until: Annotated[
        str | None, typer.Option(help="The last day on which something was printed, such as 2022-12-31.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a list that was kept elsewhere, and go on with it in a new home.

    Without --write, nothing is stored: what was understood is shown, with the feeds.toml that would be written. A list
    in a git work tree has a history, which says when each line was chosen.
    """
    from aggregator.app import utc_now
    from aggregator.pipeline.adopting import discover, import_lines, propose, propose_address, write_home
    from aggregator.shapes.adopting import AdoptionShape

    last = _read_day(until)
    config = get_options(context).load()
    if place.startswith(("http://", "https://")):
        proposal = propose_address(place, config.settings)
    else:
        proposal = propose(Path(place), config.settings.zone)
    if find_feeds:
        with progress_bar(t("looking for feeds"), None) as progress:
            proposal = discover(proposal, config.settings, utc_now, progress)
    if not write:
        if as_json:
            print_json(AdoptionShape.of(proposal))
        else:
            _tell(Path(place), proposal)
        return
    file = write_home(config.home, proposal.feeds_toml)
    with beginning(context) as aggregator:
        imported = import_lines(aggregator, proposal.adoption, last)
        # The shipped model knows nothing of other topics, and the first posts come within a minute.
        learned = [] if proposal.adoption.is_shipped else [_learn(aggregator)]
        aggregator.judge.judge_read(imported.months)
    said = tn(
        "Imported {number} line, printed up to {day}; it does not close a month.",
        "Imported {number} lines, printed up to {day}; they do not close a month.",
        imported.new,
        day=imported.extent.until,
    )
    tell_changes([t("Wrote {file}.", file=file), said, *learned], as_json=as_json)
    if not as_json:
        out.print(
            t(
                "Once its feeds are visited (`aggregator visit --all`), `aggregator evaluate list` says which of its "
                "lines would have been proposed."
            ),
            soft_wrap=True,
        )


def _learn(aggregator: App) -> str:
    from aggregator.words.model import say_reason

    try:
        model = aggregator.learner.fit()
    except ModelError as error:
        return str(error)
    if not model.in_use:
        return say_reason(model)
    return t("A model has learned its topics from them; `aggregator model list` shows how well.")


def _read_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(t("{text} is not a day; write it as 2022-12-31", text=repr(text))) from error


def _tell(place: Path, proposal: Proposal) -> None:
    from aggregator.words.adopting import list_facts, list_hosts_said, list_looks_said

    by_page: dict[str, list[Remark]] = {}
    for page, remark in proposal.adoption.left:
        by_page.setdefault(page, []).append(remark)
    for page, remarks in by_page.items():
        print_remarks(place / page if place.is_dir() else place, remarks[:_MOST_REMARKS])
        if (more := len(remarks) - _MOST_REMARKS) > 0:
            err.print(tn("and {number} more", "and {number} more", more), soft_wrap=True)
    for said in (*list_facts(proposal.adoption), *list_hosts_said(proposal.hosts), *list_looks_said(proposal.looks)):
        out.print(said, soft_wrap=True)
    if proposal.is_shipped:
        out.print(t("feeds.toml would be the one that comes with this program."), soft_wrap=True)
    else:
        out.print(t("feeds.toml would be:") + "\n")
        out.print(proposal.feeds_toml, soft_wrap=True)
    out.print(t("Nothing is stored; --write writes it into the home and imports the lines."), soft_wrap=True)
