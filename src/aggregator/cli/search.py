"""``aggregator search``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, err, looking, out, print_json, progress_bar, read_contents
from aggregator.cli.completion import complete_feeds, complete_months, complete_sections, complete_verdicts
from aggregator.cli.review import read_section
from aggregator.locales import t, tn
from aggregator.storage.narrowing import MOST_FOUND, NO_FEED, VERDICTS, Narrowing
from aggregator.text.terms import parse_query
from aggregator.types import Candidate, Month, Section
from aggregator.words.posts import name_publisher, say_outcome

app = typer.Typer()


@app.command()
def search(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(help='Words that must all occur; "a phrase" must occur word for word.')
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A word that must not occur; may be repeated.")] = None,
    month: Annotated[str | None, typer.Option(help="Such as 2022-12.", autocompletion=complete_months)] = None,
    section: Annotated[
        str | None, typer.Option(help="Such as 2.4, or part/topic.", autocompletion=complete_sections)
    ] = None,
    feed: Annotated[
        str | None,
        typer.Option(help="The key of a feed; - for posts that no feed gave.", autocompletion=complete_feeds),
    ] = None,
    verdict: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(VERDICTS)}.", autocompletion=complete_verdicts)
    ] = None,
    language: Annotated[str | None, typer.Option(help="ko, en, another code that a feed declares, or und.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_FOUND, help="The number of posts to show.")] = 25,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="First index all posts again.")] = False,
    as_json: Json = False,
) -> None:
    """Search all posts ever seen, including rejected and printed ones."""
    from aggregator.pipeline import search
    from aggregator.storage.candidates import list_candidates_by_id
    from aggregator.storage.changes import count_unfound
    from aggregator.storage.feeds import list_feed_states
    from aggregator.storage.search import find_posts

    # The shell removes quotes: an argument with spaces is a phrase, as in quotes on the page.
    asked = [word if " " not in word or '"' in word else f'"{word}"' for word in words or ()]
    query = parse_query(" ".join([*asked, *(f'-"{word}"' if " " in word else f"-{word}" for word in without or ())]))
    if query.is_empty and not any((month, section, feed, verdict, language, rebuild)):
        raise typer.BadParameter(t("give words to search for, or an option that narrows the posts"))
    with changing(context) if rebuild else looking(context) as aggregator:
        of_section = read_section(aggregator, section)
        narrowing = _read_narrowing(month, of_section, feed, verdict, language)
        if feed and feed != NO_FEED:
            with aggregator.reading() as connection:
                list_feed_states(connection, [feed])
        if rebuild:
            read_contents(aggregator)
            with progress_bar(t("indexing posts"), None) as progress:
                indexed = search.index_new(aggregator.database, anew=True, progress=progress)
        with aggregator.reading() as connection:
            behind = count_unfound(connection)
            found = find_posts(connection, query, narrowing)
            candidates = list_candidates_by_id(connection, found[:limit])
    if behind:
        err.print(
            tn(
                "{number} post cannot be found yet; the daemon indexes it within minutes, "
                "`aggregator search --rebuild` at once",
                "{number} posts cannot be found yet; the daemon indexes them within minutes, "
                "`aggregator search --rebuild` at once",
                behind,
            ),
            soft_wrap=True,
        )
    if as_json:
        from aggregator.shapes.posts import FoundShape

        print_json(FoundShape.of(len(found), candidates))
        return
    if rebuild:
        out.print(tn("{number} post indexed.", "{number} posts indexed.", indexed))
    if not query.is_empty or narrowing != Narrowing():
        _print(candidates, len(found))


def _read_narrowing(
    month: str | None, section: Section | None, feed: str | None, verdict: str | None, language: str | None
) -> Narrowing:
    try:
        of_month = str(Month.parse(month)) if month else ""
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if verdict and verdict not in VERDICTS:
        known = ", ".join(VERDICTS)
        raise typer.BadParameter(t("{verdict} is not a verdict; one of {known}", verdict=repr(verdict), known=known))
    return Narrowing(of_month, section, feed or "", verdict or "", language or "")


def _print(candidates: list[Candidate], total: int) -> None:
    table = Table(t("post"), t("month"), t("section"), t("title"), t("verdict"))
    for candidate in candidates:
        post = candidate.post
        source = name_publisher(candidate)
        title = f"{post.title} ({source})" if source else post.title
        # Rich must not read square brackets in titles as markup.
        row = (str(post.id), str(post.month), str(candidate.section or "?"), title, say_outcome(candidate))
        table.add_row(*row)
    if candidates:
        out.print(table)
    shown = len(candidates)
    if total > MOST_FOUND:
        said = t("{shown} of more than {most} posts found.", shown=shown, most=f"{MOST_FOUND:,}")
    else:
        said = tn("{shown} of {number} post found.", "{shown} of {number} posts found.", total, shown=shown)
    out.print(said)
