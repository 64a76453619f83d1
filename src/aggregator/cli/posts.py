"""``aggregator posts``: which posts are the same article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aggregator.cli.base import Json, Post, changing, get_post_id, looking, out, print_json, tell_changes
from aggregator.exceptions import NotFoundError
from aggregator.locales import t, tn
from aggregator.types import Candidate, Pair, Sameness

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer(name="posts", no_args_is_help=True, help="Join posts that are the same article, and separate others.")


@app.command()
def merge(
    context: typer.Context,
    posts: Annotated[list[str], typer.Argument(help="Two or more numbers in the queue, or addresses.")],
    as_json: Json = False,
) -> None:
    """Join posts that are the same article; one of them is shown from then on."""
    from aggregator.pipeline import duplicates

    with changing(context) as aggregator:
        numbers = [get_post_id(aggregator, post) for post in posts]
        aggregator.judge.rank(duplicates.merge_posts(aggregator, numbers))
        (candidate,) = _list(aggregator, [_find_original(aggregator, numbers[0])])
    tell_changes([t("shown: {title}", title=candidate.post.title)], candidate, as_json=as_json)


@app.command()
def split(
    context: typer.Context,
    post: Post,
    other: Annotated[str | None, typer.Argument(help="The one post that is another article.")] = None,
    as_json: Json = False,
) -> None:
    """Separate a post from its copies, or from one of them; they are never joined again automatically."""
    from aggregator.pipeline import duplicates

    with changing(context) as aggregator:
        number = get_post_id(aggregator, post)
        if other:
            changed = duplicates.part_posts(aggregator, get_post_id(aggregator, other), number)
        else:
            changed = duplicates.split_post(aggregator, number)
        aggregator.judge.rank(changed)
        (candidate,) = _list(aggregator, [number])
    tell_changes([t("an article of its own: {title}", title=candidate.post.title)], candidate, as_json=as_json)


@app.command()
def copies(
    context: typer.Context,
    post: Annotated[
        str | None, typer.Argument(help="A post; without it, the pairs that you have to decide on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the copies of a post and its possible copies, with the evidence."""
    with looking(context) as aggregator:
        rows = _list_of_post(aggregator, post) if post else _list_proposals(aggregator)
    if as_json:
        print_json({"pairs": rows})
        return
    table = Table(t("said"), t("post"), t("title"), t("post"), t("title"), t("why"))
    for row in rows:
        cells = (t(row["said"]), row["post"], row["title"], row["other"], row["other_title"], "; ".join(row["why"]))
        table.add_row(*map(str, cells))
    if rows:
        out.print(table)
    out.print(tn("{number} pair.", "{number} pairs.", len(rows)))


def _list_of_post(aggregator: App, reference: str) -> list[dict[str, Any]]:
    from aggregator.posts.copies.cluster import find_in_force
    from aggregator.posts.copies.family import find_best, list_proposed
    from aggregator.storage import duplicates

    original = _find_original(aggregator, get_post_id(aggregator, reference))
    with aggregator.reading() as connection:
        found = duplicates.list_copies(connection, [original]).get(original, [])
        family = {original, *found}
        pairs = find_in_force(duplicates.list_pairs(connection, family))
    proposed = list_proposed(family, pairs)
    posts = {one.post.id: one for one in _list(aggregator, [*family, *proposed])}
    rows = [_describe(posts[original], posts[number], find_best(number, family, pairs)) for number in found]
    return rows + [_describe(posts[original], posts[number], pair) for number, pair in proposed.items()]


def _list_proposals(aggregator: App) -> list[dict[str, Any]]:
    from aggregator.storage import duplicates

    with aggregator.reading() as connection:
        pairs = duplicates.list_proposals(connection)
    posts = {one.post.id: one for one in _list(aggregator, [n for p in pairs for n in (p.first_id, p.second_id)])}
    return [_describe(posts[pair.first_id], posts[pair.second_id], pair) for pair in pairs]


def _describe(candidate: Candidate, other: Candidate, pair: Pair | None) -> dict[str, Any]:
    from aggregator.words.copies import say_reason

    return {
        "said": str(pair.said if pair else Sameness.SAME),
        "post": candidate.post.id,
        "title": candidate.post.title,
        "url": candidate.post.url,
        "other": other.post.id,
        "other_title": other.post.title,
        "other_url": other.post.url,
        "by": pair.by if pair else None,
        "score": pair.score if pair else None,
        "why": [say_reason(reason) for reason in pair.reasons] if pair else [],
    }


def _find_original(aggregator: App, number: int) -> int:
    (candidate,) = _list(aggregator, [number])
    return candidate.post.copy_of or number


def _list(aggregator: App, numbers: list[int]) -> list[Candidate]:
    from aggregator.storage.candidates import list_candidates_by_id

    with aggregator.reading() as connection:
        found = list_candidates_by_id(connection, numbers)
    if len(found) < len(set(numbers)):
        raise NotFoundError(t("one of the posts {numbers} is gone", numbers=", ".join(map(str, numbers))))
    return found
