"""``aggregator series``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, Post, changing, get_post_id, looking, out, print_json
from aggregator.digest.series_note import LANGUAGES, name_instalment
from aggregator.locales import t, tp
from aggregator.types import Candidate, Series
from aggregator.words.series import build_series, list_languages, say_state

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer()

Language = Annotated[
    str | None, typer.Option("--language", help="Language of the note, ko or en; by default the post's.")
]


@app.command()
def series(
    context: typer.Context,
    post: Post,
    accept: Annotated[
        bool, typer.Option("--accept", help="Add links to the earlier parts to the note of its line.")
    ] = False,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Show the series of a post, and the note that links to its earlier parts."""
    from aggregator.pipeline import notes
    from aggregator.pipeline.series import find_series

    with (
        _open(context, post, language, accept=notes.accept_note if accept else None) as (aggregator, candidate),
        aggregator.reading() as connection,
    ):
        whole = find_series(connection, [candidate.post.id]).get(candidate.post.id)
    if as_json:
        _print_json(candidate, whole)
    else:
        _print(candidate, whole)


@app.command()
def sequels(
    context: typer.Context,
    post: Post,
    accept: Annotated[
        bool, typer.Option("--accept", help="Add the link to the newest of them to the note of its line.")
    ] = False,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Show what was printed that a post follows, and the note that links back."""
    from aggregator.pipeline import notes
    from aggregator.pipeline.related import find_sequels
    from aggregator.shapes.posts import FollowedShape
    from aggregator.words.sequels import build_sequels

    with (
        _open(context, post, language, accept=notes.accept_sequel if accept else None) as (aggregator, candidate),
        aggregator.reading() as connection,
    ):
        found = find_sequels(connection, candidate.post)
    if as_json:
        note = candidate.correction.note if candidate.correction else None
        print_json({"post": candidate.post.id, "follows": [FollowedShape.of(one) for one in found], "note": note})
        return
    for view in build_sequels(candidate, found):
        out.print(f"{view.said}: {view.title} ({view.detail})", soft_wrap=True)
        for proposal in view.proposals:
            out.print(
                t("note ({language}): {note}", language=proposal.language, note=proposal.markdown), soft_wrap=True
            )
    if not found:
        out.print(t("It follows nothing that was printed."))


@contextmanager
def _open(
    context: typer.Context, post: str, language: str | None, *, accept: Callable[[App, int, str], Candidate] | None
) -> Iterator[tuple[App, Candidate]]:
    """Open the App with a post, whose note is accepted in a language if it is to be. Raises BadParameter."""
    from aggregator.storage.candidates import get_candidate

    if language not in {None, *LANGUAGES}:
        said = t("{language} is not a language of notes; give ko or en", language=repr(language))
        raise typer.BadParameter(said, param_hint="--language")
    with changing(context) if accept else looking(context) as aggregator:
        post_id = get_post_id(aggregator, post)
        with aggregator.reading() as connection:
            candidate = get_candidate(connection, post_id)
        if accept:
            candidate = accept(aggregator, post_id, language or list_languages(candidate.post.language)[0])
        yield aggregator, candidate


def _print(candidate: Candidate, whole: Series | None) -> None:
    if whole is None:
        out.print(t("not part of a series: {title}", title=candidate.post.title))
        return
    view = build_series(candidate, whole)
    table = Table(t("post"), tp("of a series", "part"), t("date"), t("title"), t("state"), title=view.said)
    for one, shown in zip(whole.instalments, view.instalments, strict=True):
        state = t("this post") if shown.is_here else shown.state
        table.add_row(str(one.post_id), shown.name, f"{one.published_at:%Y-%m-%d}", one.title, state)
    out.print(table)
    if view.missing:
        out.print(view.missing)
    for proposal in view.proposals:
        out.print(t("note ({language}): {note}", language=proposal.language, note=proposal.markdown), soft_wrap=True)
    if note := candidate.correction and candidate.correction.note:
        out.print(t("note of the line: {note}", note=note), soft_wrap=True)


def _print_json(candidate: Candidate, whole: Series | None) -> None:
    view = build_series(candidate, whole) if whole else None
    print_json(
        {
            "post": candidate.post.id,
            "instalments": [
                {
                    "post": one.post_id,
                    "number": one.number,
                    "name": name_instalment(one, candidate.post.language),
                    "title": one.title,
                    "url": one.url,
                    "published_at": one.published_at,
                    "state": say_state(one),
                }
                for one in (whole.instalments if whole else ())
            ],
            "missing": list(whole.missing) if whole else [],
            "proposals": {one.language: one.markdown for one in view.proposals} if view else {},
            "note": candidate.correction.note if candidate.correction else None,
        }
    )
