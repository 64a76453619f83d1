"""``aggregator digest lint`` and ``read``: published pages in Markdown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.base import Json, beginning, err, looking, out, print_json, progress_bar, tell_changes
from aggregator.cli.completion import complete_months
from aggregator.cli.options import get_options
from aggregator.cli.written import print_remarks, write_differences, write_text
from aggregator.digest.extent import Wanted
from aggregator.digest.read import ReadDigest, read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, NotFoundError
from aggregator.files import read_text, write_whole
from aggregator.locales import t, tn
from aggregator.types import Extent, LinkCheck, LinkState, Month, Texts

if TYPE_CHECKING:
    from aggregator.config import Settings


def lint(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A published digest in Markdown.")],
    fix: Annotated[bool, typer.Option("--fix", help="Cure what can be cured, in the file.")] = False,
    links: Annotated[
        bool, typer.Option("--links", help="Also look whether the addresses of its lines still lead to their pages.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="With --links, also at those that were looked at.")] = False,
    difference: Annotated[
        bool, typer.Option("--difference", help="With --fix, only show what would change in the file.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look for mistakes on a page, by line; exit code 1 if there are any left."""
    from aggregator.digest.difference import find_edits
    from aggregator.digest.lint import Known, fix_page, lint_page
    from aggregator.shapes.reprint import FileShape

    if (difference and not fix) or (again and not links):
        raise typer.BadParameter(t("--difference goes with --fix, and --again with --links"))
    settings = get_options(context).load().settings
    texts, known = settings.merge_texts(None), Known(Month.of(datetime.now(UTC), settings.zone))
    text = read_text(file)
    try:
        if links:
            known = replace(known, links=_check_links(context, text, texts, again=again))
        known = replace(known, printed=_find_printed(context, file, text, texts))
        fixed = fix_page(text, texts, known) if fix else text
        if difference:
            files = [FileShape.of(file, text, find_edits(text, fixed))]
            if as_json:
                print_json({"files": files})
            else:
                write_differences(files)
            return
        if fixed != text:
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


def _check_links(context: typer.Context, text: str, texts: Texts, *, again: bool) -> dict[str, LinkCheck]:
    """Look at the addresses of a page that are due; returns what is known of each, by its canonical address."""
    from aggregator.addresses.urls import canonicalise_url
    from aggregator.digest.links import list_addresses
    from aggregator.pipeline.links import LATELY

    urls = list_addresses(text, texts)
    with beginning(context, tell=False) as aggregator, progress_bar(t("Addresses"), len(urls)) as advance:
        after = LATELY if again else None
        checks = asyncio.run(aggregator.link_checker.check(urls, again_after=after, progress=advance))
    unknown = sum(check.state is LinkState.UNKNOWN for check in checks.values())
    if unknown:
        said = tn(
            "{number} address could not be looked at, and is asked again after a day.",
            "{number} addresses could not be looked at, and are asked again after a day.",
            unknown,
        )
        err.print(said, soft_wrap=True)
    return {canonicalise_url(url): check for url, check in checks.items()}


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

    text = read_text(file)
    if only_print:
        found = _read_digest(file, text, get_options(context).load().settings)
        write_text(render_digest(found.digest))
        return
    with beginning(context) as aggregator:
        found = _read_digest(file, text, aggregator.settings)
        named = find_month(aggregator.settings.digest.month_file, file.absolute())
        wanted = Wanted(_read_month(month), _read_day(until), named)
        imported = publish.import_digest(aggregator, found, wanted)
        aggregator.judge.judge_read(imported.months)
    print_remarks(file, imported.remarks)
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


def _read_digest(file: Path, text: str, settings: Settings) -> ReadDigest:
    try:
        found = read_digest(text, settings.merge_texts(None))
    except DigestError as error:
        raise DigestError(f"{file}: {error}") from error
    print_remarks(file, found.remarks)
    return found


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
