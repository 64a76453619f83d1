"""``aggregator digest``: reading, showing and printing digests."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import (
    Json,
    WantedMonth,
    beginning,
    changing,
    describe,
    err,
    looking,
    out,
    print_json,
    progress_bar,
    read_month,
    tell_changes,
)
from aggregator.cli.completion import complete_months
from aggregator.cli.options import get_options
from aggregator.digest.extent import Wanted
from aggregator.digest.read import ReadDigest, Remark, read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, NotFoundError, WorkTreeError
from aggregator.files import write_whole
from aggregator.locales import t, tn
from aggregator.types import DigestState, EditionFormat, Extent, LinkCheck, LinkState, Month, MonthPlan, Texts

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.config import Settings
    from aggregator.shapes.reprint import FileShape

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
            _write(render_digest(found.digest))
            return
        wanted = read_month(aggregator, month)
        digest, _ = publish.choose_digest(aggregator, wanted)
        text = editions.show_edition(aggregator, wanted, digest, form) if form else render_digest(digest)
    _write(text)


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
        _print_remarks(change.file, change.merged.remarks)
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
    _write_differences(files)
    for change in update.changes:
        _print_remarks(change.file, change.merged.remarks)


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
def lint(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A published digest in Markdown.")],
    fix: Annotated[bool, typer.Option("--fix", help="Cure what can be cured, in the file.")] = False,
    links: Annotated[
        bool, typer.Option("--links", help="Also look whether the addresses of its lines still lead to their pages.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look for mistakes on a page, by line; exit code 1 if there are any left."""
    from aggregator.digest.lint import Known, fix_page, lint_page

    settings = get_options(context).load().settings
    texts, known = settings.merge_texts(None), Known(Month.of(datetime.now(UTC), settings.zone))
    text = _read_file(file)
    try:
        if links:
            known = replace(known, links=_check_links(context, text, texts))
        known = replace(known, printed=_find_printed(context, file, text, texts))
        if fix and (fixed := fix_page(text, texts, known)) != text:
            write_whole(file, fixed)
            text = fixed
        findings = lint_page(text, texts, known)
    except DigestError as error:
        raise DigestError(f"{file}: {error}") from error
    if as_json:
        keys = ("line", "rule", "message", "fixable")
        rows = ((one.number, one.rule, one.sentence, bool(one.fix)) for one in findings)
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        for one in findings:
            out.print(f"{file}:{one.number}: {one.sentence}", soft_wrap=True)
    if findings:
        raise typer.Exit(1)


def _find_printed(context: typer.Context, file: Path, text: str, texts: Texts) -> dict[str, Extent]:
    """Find where else the lines of a page were printed, by what is stored; without a home nothing is."""
    from aggregator.config.file_names import find_month
    from aggregator.digest.page import name_line, read_page
    from aggregator.digest.printed import find_printed_elsewhere
    from aggregator.storage.digests import list_names

    names = {name_line(entry.line) for entry in read_page(text, texts).entries if entry.line}
    try:
        with looking(context, tell=False) as aggregator, aggregator.reading() as connection:
            month = find_month(aggregator.settings.digest.month_file, file.absolute())
            printed = list_names(connection, aggregator.zone)
    except NotFoundError:
        return {}
    return find_printed_elsewhere(names, month, printed)


def _check_links(context: typer.Context, text: str, texts: Texts) -> dict[str, LinkCheck]:
    """Look at the addresses of a page that are due; returns what is known of each, by its canonical address."""
    from aggregator.addresses.urls import canonicalise_url
    from aggregator.digest.links import list_addresses

    urls = list_addresses(text, texts)
    with beginning(context, tell=False) as aggregator, progress_bar(t("Addresses"), len(urls)) as advance:
        checks = asyncio.run(aggregator.link_checker.check(urls, progress=advance))
    unknown = sum(check.state is LinkState.UNKNOWN for check in checks.values())
    if unknown:
        said = tn(
            "{number} address could not be looked at, and is asked again after a day.",
            "{number} addresses could not be looked at, and are asked again after a day.",
            unknown,
        )
        err.print(said, soft_wrap=True)
    return {canonicalise_url(url): check for url, check in checks.items()}


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
            _deliver(aggregator, wanted)
            raise
        told = (
            [t("Drafted {file}", file=path)]
            if draft
            else [t("Printed {file}", file=path), *_deliver(aggregator, wanted)]
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
    _write_differences(shown.files)
    for each in change.changes:
        _print_remarks(each.file, each.merged.remarks)


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
        told = _deliver(aggregator, wanted)
        failed = any(has_failed(each, aggregator.now) for each in after_print.list_last(aggregator, wanted))
    tell_changes(told, as_json=as_json)
    if failed:
        raise typer.Exit(1)


def _deliver(aggregator: App, month: Month) -> list[str]:
    """Tell others what was printed; returns what came of it."""
    import threading

    from aggregator.pipeline import after_print, deliver
    from aggregator.words.deliveries import say_delivery

    asyncio.run(deliver.deliver_due(aggregator, aggregator.config, threading.Event()))
    return [say_delivery(each, aggregator.now, aggregator.zone) for each in after_print.list_last(aggregator, month)]


@app.command()
def commit(
    context: typer.Context,
    month: WantedMonth = None,
    message: Annotated[str, typer.Option("--message", "-m", help="By default the month and its number of lines.")] = "",
    as_json: Json = False,
) -> None:
    """Commit the files of a print in their git work tree, and nothing else; it is never pushed."""
    from aggregator.pipeline import printouts

    with changing(context) as aggregator:
        files = printouts.commit_files(aggregator, read_month(aggregator, month), message)
    told = [t("Committed {file}", file=file) for file in files]
    tell_changes(told or [t("The last commit has all of it.")], as_json=as_json)


@app.command()
def write(context: typer.Context, month: WantedMonth = None, as_json: Json = False) -> None:
    """Write the file of a printed month again, byte for byte as it was printed."""
    from aggregator.pipeline import printouts

    with changing(context) as aggregator:
        file = printouts.write_again(aggregator, read_month(aggregator, month))
    tell_changes([t("Wrote {file}", file=file)], as_json=as_json)


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


@app.command()
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
        if not row.is_new:
            out.print(f"  {row.proposed}", soft_wrap=True)


@app.command()
def correct(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The address of a printed line, as `digest corrections` names it.")],
    leave: Annotated[bool, typer.Option("--leave", help="Leave the line as it is, and ask no more.")] = False,
    difference: Annotated[bool, typer.Option("--difference", help="Only show what would change in each file.")] = False,
    as_json: Json = False,
) -> None:
    """Put the new address of a printed line, or an archived one beside it, into your files."""
    from aggregator.pipeline import corrections
    from aggregator.shapes.reprint import FileShape

    if difference and leave:
        raise typer.BadParameter(t("--leave changes no file, so it has no difference"))
    with (looking if difference else changing)(context) as aggregator:
        if leave:
            corrections.leave(aggregator, address)
            tell_changes([t("{address} stays as it is", address=address)], as_json=as_json)
            return
        if difference:
            with aggregator.reading() as connection:
                plan = corrections.plan_remedy(aggregator, connection, address)
        else:
            plan = corrections.put_right(aggregator, address)
    files = [FileShape.of(change.file, change.text, change.edits) for change in plan.changes]
    if difference and as_json:
        print_json({"files": files})
        return
    if not as_json:
        _write_differences(files)
    if not difference:
        tell_changes([t("Changed {file}", file=change.file) for change in plan.changes], as_json=as_json)


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
        _write(render_digest(digest))


@app.command()
def read(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A published digest in Markdown.")],
    only_print: Annotated[
        bool, typer.Option("--print", help="Store nothing; write what was read back to standard output as a digest.")
    ] = False,
    month: Annotated[
        str | None,
        typer.Option(help="Read it as the digest of this month, and close the month.", autocompletion=complete_months),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(help="Read it as a page printed up to this day (2022-12-31) or month, and close no month."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a published page back into posts, sections, notes and approved verdicts.

    Without --month and --until, the lines decide whether it is the digest of one month or a cumulative page.
    """
    from aggregator.config.file_names import find_month
    from aggregator.pipeline import publish

    text = _read_file(file)
    if only_print:
        found = _read_digest(file, text, get_options(context).load().settings)
        _write(render_digest(found.digest))
        return
    with beginning(context) as aggregator:
        found = _read_digest(file, text, aggregator.settings)
        named = find_month(aggregator.settings.digest.month_file, file.absolute())
        wanted = Wanted(_read_month(month), _read_day(until), named)
        imported = publish.import_digest(aggregator, found, wanted)
        aggregator.judge.judge_read(imported.months)
    _print_remarks(file, imported.remarks)
    lines, extent = len(found.digest.lines), imported.extent
    read_as = t("a page printed up to {day}", day=extent.until)
    if extent.month:
        read_as = t("the digest of {month}", month=extent.month)
    told = [
        tn(
            "Read {number} line as {what}; {new} of them new, all approved.",
            "Read {number} lines as {what}; {new} of them new, all approved.",
            lines,
            what=read_as,
            new=imported.new,
        )
    ]
    if extent.until:
        told.append(t("It does not close a month; posts that were published by then and are not on it count as seen."))
        if not until:
            told.append(t("If the day is wrong, or this is one month's digest, read it again with --until or --month."))
    told += [t("{month} was closed and is open again.", month=opened) for opened in sorted(imported.opened)]
    tell_changes(told, as_json=as_json)


def _read_file(file: Path) -> str:
    try:
        # Bytes, because reading as text would turn CR LF into LF before anybody could remark on it.
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise NotFoundError(t("{file} cannot be read: {why}", file=file, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise DigestError(t("{file} is not UTF-8 (byte {number})", file=file, number=error.start)) from error


def _read_digest(file: Path, text: str, settings: Settings) -> ReadDigest:
    try:
        found = read_digest(text, settings.merge_texts(None))
    except DigestError as error:
        raise DigestError(f"{file}: {error}") from error
    _print_remarks(file, found.remarks)
    return found


def _print_remarks(file: Path, remarks: Sequence[Remark]) -> None:
    for remark in remarks:
        said = t("{file}, line {number}: {remark}", file=file, number=remark.number, remark=remark.sentence)
        err.print(said, soft_wrap=True)


def _read_month(text: str | None) -> Month | None:
    try:
        return Month.parse(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _read_day(text: str | None) -> date | None:
    """Return the day, or the last day of a month. Raises BadParameter."""
    if not text:
        return None
    try:
        return date.fromisoformat(text) if text.count("-") > 1 else Month.parse(text).last_day
    except ValueError as error:
        said = t("{text} is neither a day such as 2022-12-31 nor a month such as 2022-12", text=repr(text))
        raise typer.BadParameter(said) from error


def _write_differences(files: Sequence[FileShape]) -> None:
    """Write what changes in each file, below its name."""
    for each in files:
        if each.difference:
            _write(f"{each.file}\n{each.difference}")


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()
