"""``aggregator digest``: reading, showing and printing digests."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli import delivering
from aggregator.cli.base import (
    Json,
    WantedMonth,
    changing,
    describe,
    looking,
    out,
    print_json,
    read_month,
    tell_changes,
)
from aggregator.cli.digest_aftermath import aftermath
from aggregator.cli.digest_corrections import correct, corrections
from aggregator.cli.digest_pages import lint, read
from aggregator.cli.written import print_remarks, write_differences, write_text
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, NotFoundError, WorkTreeError
from aggregator.files import write_whole
from aggregator.locales import t, tn
from aggregator.types import DigestState, EditionFormat, Month, MonthPlan

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer(name="digest", no_args_is_help=True, help="Read, show and print digests.")


@app.command()
def status(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Show where a month stands: until when posts count, when it is drafted and printed, and where its files lie."""
    from aggregator.pipeline.calendar import look_at_calendar
    from aggregator.pipeline.reprint import find_since
    from aggregator.shapes.calendar import CalendarShape
    from aggregator.words.plans import list_days, say_late, say_since

    with looking(context) as aggregator, aggregator.reading() as connection:
        wanted = read_month(aggregator, month)
        calendar = look_at_calendar(aggregator, connection, wanted)
        since = find_since(connection, wanted).number
        zone = aggregator.zone
    if as_json:
        print_json(CalendarShape.of(calendar, since))
        return
    table = Table(title=wanted.name, show_header=False)
    for label, said in list_days(calendar, zone):
        table.add_row(label, said)
    for file in calendar.files:
        table.add_row(t("File"), str(file))
    for own, number in calendar.late.items():
        table.add_row(t("Late"), say_late(number, own))
    if calendar.pending:
        table.add_row(t("Late"), say_late(calendar.pending, wanted))
    if since:
        table.add_row(t("Printed"), say_since(since))
    out.print(table)


@app.command()
def show(
    context: typer.Context,
    month: WantedMonth = None,
    page: Annotated[bool, typer.Option("--page", help="The cumulative page that was read.")] = False,
    form: Annotated[
        EditionFormat | None, typer.Option("--format", help="Another form than Markdown; mail is the body, eml a mail.")
    ] = None,
) -> None:
    """Write a digest to standard output as it was printed or read, else as it would be printed now."""
    from aggregator.pipeline import editions, publish
    from aggregator.storage.digests import find_page

    if page and form:
        raise typer.BadParameter(t("--format is for the digest of a month; a page is written in Markdown"))
    with looking(context) as aggregator:
        if page:
            with aggregator.reading() as connection:
                found = find_page(connection)
            if found is None:
                raise NotFoundError(t("no cumulative page has been read yet; `aggregator digest read FILE` reads one"))
            write_text(render_digest(found.digest))
            return
        wanted = read_month(aggregator, month)
        digest, _ = publish.choose_digest(aggregator, wanted)
        text = editions.show_edition(aggregator, wanted, digest, form) if form else render_digest(digest)
    write_text(text)


@app.command()
def page(
    context: typer.Context,
    month: WantedMonth = None,
    difference: Annotated[bool, typer.Option("--difference", help="Only show what would change in each file.")] = False,
    as_json: Json = False,
) -> None:
    """Put what is approved of a month on the cumulative page; the month stays open."""
    from aggregator.pipeline import publish

    if difference:
        _show_page(context, month, as_json=as_json)
        return
    with changing(context) as aggregator:
        update = publish.add_to_page(aggregator, read_month(aggregator, month))
    for change in update.changes:
        print_remarks(change.file, change.merged.remarks)
    changed = [change.file for change in update.changes if change.merged.edits]
    tell_changes([t("Changed {file}", file=file) for file in changed], as_json=as_json)


def _show_page(context: typer.Context, month: str | None, *, as_json: bool) -> None:
    from aggregator.pipeline import publish
    from aggregator.shapes.reprint import FileShape

    with looking(context) as aggregator, aggregator.reading() as connection:
        update = publish.preview_page(aggregator, connection, read_month(aggregator, month))
    if update is None:
        raise DigestError(t("no page is set; name its file as digest.page in feeds.toml"))
    files = [FileShape.of(change.file, change.text, change.merged.edits) for change in update.changes]
    if as_json:
        print_json({"files": files})
        return
    write_differences(files)
    for change in update.changes:
        print_remarks(change.file, change.merged.remarks)


@app.command()
def texts(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The text to set, such as digest.head.")] = None,
    text: Annotated[str | None, typer.Argument(help="What it is; left out, it is as in feeds.toml again.")] = None,
    as_json: Json = False,
) -> None:
    """Show the head and the headings of the next prints and where they are from, or set one over feeds.toml."""
    from aggregator.pipeline.texts import list_fixed_texts, set_texts
    from aggregator.shapes.texts import TextShape

    if name is None:
        with looking(context) as aggregator:
            found = list_fixed_texts(aggregator)
    else:
        with changing(context) as aggregator:
            set_texts(aggregator, {name: text})
            found = [one for one in list_fixed_texts(aggregator) if one.name == name]
    if as_json:
        print_json([TextShape.of(one) for one in found])
        return
    table = Table(t("name"), t("text"), t("where from"))
    for one in found:
        table.add_row(one.name, one.text.strip(), t(one.source))
    out.print(table)


@app.command()
def close(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Print a month without what is undecided, when its day comes."""
    from aggregator.pipeline import plans

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        said = _say_planned(aggregator, wanted, plans.close_month(aggregator, wanted))
    tell_changes([said], as_json=as_json)


@app.command()
def wait(
    context: typer.Context,
    until: Annotated[str, typer.Argument(help="A day such as 2026-12-09.")],
    month: WantedMonth = None,
    as_json: Json = False,
) -> None:
    """Print a month on a day that you name, at the hour of the settings."""
    from aggregator.pipeline import plans

    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise typer.BadParameter(t("{text} is not a day such as 2026-12-09", text=repr(until))) from error
    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        moment = datetime.combine(day, time(aggregator.settings.digest.print_hour), aggregator.zone)
        said = _say_planned(aggregator, wanted, plans.wait(aggregator, wanted, moment))
    tell_changes([said], as_json=as_json)


@app.command()
def reopen(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Take back what you planned for the print of a month."""
    from aggregator.pipeline import plans

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        said = _say_planned(aggregator, wanted, plans.reopen(aggregator, wanted))
    tell_changes([said], as_json=as_json)


def _say_planned(aggregator: App, month: Month, plan: MonthPlan) -> str:
    from aggregator.pipeline import months
    from aggregator.words.plans import say_print

    said = say_print(plan, months.find_print(aggregator, month, plan), aggregator.zone)
    return t("{month} is printed {when}", month=month.name, when=said)


@app.command(name="print")
def print_digest(
    context: typer.Context,
    month: WantedMonth = None,
    again: Annotated[bool, typer.Option("--again", help="Replace a digest that was printed before.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Write a draft; the month stays open.")] = False,
    difference: Annotated[
        bool, typer.Option("--difference", help="With --again, only show what would change in each file.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the approved posts of a month as a digest."""
    from aggregator.pipeline import publish

    if difference and (draft or not again):
        raise typer.BadParameter(
            t("--difference goes with --again; `aggregator digest page --difference` is for a first print")
        )
    if difference:
        _show_reprint(context, month, as_json=as_json)
        return
    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        state = DigestState.DRAFT if draft else DigestState.PRINTED
        try:
            path = publish.make_digest(aggregator, wanted, state, again=again)
        except WorkTreeError:
            # It is printed, and only not committed: what follows a print follows.
            delivering.deliver(aggregator, wanted)
            raise
        told = (
            [t("Drafted {file}", file=path)]
            if draft
            else [t("Printed {file}", file=path), *delivering.deliver(aggregator, wanted)]
        )
    tell_changes(told, as_json=as_json)


def _show_reprint(context: typer.Context, month: str | None, *, as_json: bool) -> None:
    from aggregator.pipeline import reprint
    from aggregator.shapes.reprint import ReprintShape

    with looking(context) as aggregator, aggregator.reading() as connection:
        wanted = read_month(aggregator, month)
        since = reprint.find_since(connection, wanted)
        change = reprint.preview_again(aggregator, connection, wanted)
    shown = ReprintShape.of(since, change)
    if as_json:
        print_json(shown)
        return
    write_differences(shown.files)
    for each in change.changes:
        print_remarks(each.file, each.merged.remarks)


@app.command("next")
def put_into_next(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Put what was approved after the print of a month into the next one."""
    from aggregator.pipeline import reprint

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        following, moved = reprint.put_into_next(aggregator, wanted)
        aggregator.judge.rank({wanted, following})
    said = tn("Put {number} post into {month}", "Put {number} posts into {month}", len(moved), month=following.name)
    tell_changes([said], as_json=as_json)


@app.command()
def deliver(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Run the command and tell the webhook again of a print, where that failed; exit code 1 if it fails again."""
    from aggregator.pipeline import after_print
    from aggregator.words.deliveries import has_failed

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        after_print.begin_again(aggregator, wanted)
        told = delivering.deliver(aggregator, wanted)
        failed = any(has_failed(each, aggregator.now) for each in after_print.list_last(aggregator, wanted))
    tell_changes(told, as_json=as_json)
    if failed:
        raise typer.Exit(1)


@app.command()
def commit(
    context: typer.Context,
    month: WantedMonth = None,
    message: Annotated[str, typer.Option("--message", "-m", help="By default the month and its number of lines.")] = "",
    as_json: Json = False,
) -> None:
    """Commit the files of a print in their git work tree, and nothing else; it is never pushed."""
    from aggregator.pipeline import commits

    with changing(context) as aggregator:
        files = commits.commit_print(aggregator, read_month(aggregator, month), message)
    told = [t("Committed {file}", file=file) for file in files]
    tell_changes(told or [t("The last commit has all of it.")], as_json=as_json)


@app.command()
def write(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Write the file of a printed month again, byte for byte as it was printed, and its receipts."""
    from aggregator.pipeline import printouts, receipts

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        file = printouts.write_again(aggregator, wanted)
        with aggregator.reading() as connection:
            beside = receipts.renew(aggregator, connection, wanted)
    tell_changes([t("Wrote {file}", file=each) for each in (file, beside) if each], as_json=as_json)


@app.command()
def coverage(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Tell how completely the feeds of a month were visited, and what became of its posts."""
    from aggregator.digest.account import list_said
    from aggregator.pipeline import account
    from aggregator.shapes.coverage import CoverageShape
    from aggregator.words.coverage import say_when

    with looking(context) as aggregator:
        wanted, zone = read_month(aggregator, month), aggregator.zone
        with aggregator.reading() as connection:
            found, is_kept = account.find_account(aggregator, connection, wanted)
    if as_json:
        print_json(CoverageShape.of(found, is_kept=is_kept))
        return
    out.print(t("Coverage of {month}", month=wanted.name))
    out.print(say_when(found, zone, is_kept=is_kept), soft_wrap=True)
    for said in list_said(found, zone):
        out.print(f"{said.name}: {' '.join(said.sentences)}", soft_wrap=True)


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List what was printed or read, newest first, and how each month was reviewed until then."""
    from aggregator.pipeline import after_print
    from aggregator.shapes.deliveries import DeliveryShape
    from aggregator.storage.reviews import list_past
    from aggregator.words.deliveries import has_failed, say_delivery
    from aggregator.words.digests import COLUMNS, build_row

    with looking(context) as aggregator:
        with aggregator.reading() as connection:
            past = list_past(connection)
        deliveries = after_print.list_last(aggregator)
        zone, now = aggregator.zone, aggregator.now
    if as_json:
        print_json(
            [
                {
                    **describe(one),
                    "review": describe(one.review) if one.review else None,
                    "after_print": [DeliveryShape.of(each, now) for each in deliveries if each.month == one.month],
                }
                for one in past
            ]
        )
        return
    table = Table(t("Digest"), "", t("Review"), *(t(name) for name, _ in COLUMNS))
    for row in (build_row(one, zone) for one in past):
        table.add_row(row.name, row.made, row.review, *row.cells)
    out.print(table)
    for each in deliveries:
        if has_failed(each, now):
            said = say_delivery(each, now, zone)
            out.print(t("After the print of {month}: {said}", month=each.month.name, said=said), soft_wrap=True)


@app.command()
def year(
    context: typer.Context,
    year: Annotated[int, typer.Argument(min=1, max=9999, help="Such as 2026.")],
    to: Annotated[
        Path | None, typer.Option("--out", help="The file to write; without it, the page goes to standard output.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Review a year from what was printed and read: its highlights as a page, and how much was printed."""
    from aggregator.pipeline.year import review_year

    with looking(context) as aggregator:
        counted, digest = review_year(aggregator, year)
    if to:
        write_whole(to, render_digest(digest))
    if as_json:
        from aggregator.shapes.years import YearShape

        print_json(YearShape.of(counted, digest))
    elif to:
        out.print(t("Wrote {file}", file=to), soft_wrap=True)
    else:
        write_text(render_digest(digest))


for command in (lint, read, corrections, correct, aftermath):
    app.command()(command)
