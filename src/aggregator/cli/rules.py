"""``aggregator rules``: showing, previewing and changing the curator's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, looking, out, print_json
from aggregator.cli.completion import complete_feeds, complete_sections
from aggregator.cli.review import read_section
from aggregator.locales import t, tp
from aggregator.types import Act, Rule, RuleState, Trait

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer(name="rules", no_args_is_help=True, help="Rules of your own: points, a section, mute, always show.")

Number = Annotated[int, typer.Argument(help="The number of a rule.")]
TraitArgument = Annotated[Trait, typer.Argument(metavar="TRAIT", help=f"One of {', '.join(Trait)}.")]
Sought = Annotated[
    str,
    typer.Argument(
        metavar="WHAT",
        help="Words of the title in any form, a pattern in the title (RE2), host or host/path, an author, a category.",
    ),
]
Points = Annotated[float | None, typer.Option(help="Add points to the score; less than 0 takes some away.")]
SectionOption = Annotated[
    str | None, typer.Option(help="Put into this section, such as 2.4.", autocompletion=complete_sections)
]
Mute = Annotated[
    bool, typer.Option("--mute", help="Keep posts out of shortlist and queue, except the view of muted posts.")
]
Show = Annotated[bool, typer.Option("--show", help="Always propose the posts.")]
FeedOption = Annotated[
    str | None, typer.Option("--feed", help="Only posts of the feed with this key.", autocompletion=complete_feeds)
]
TagOption = Annotated[str | None, typer.Option("--tag", help="Only posts of feeds with this tag.")]


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Show all rules; --json includes removed ones."""
    from aggregator.pipeline import publish
    from aggregator.storage.rules import list_rules
    from aggregator.words.rules import build_rule
    from aggregator.words.sections import name_sections

    with looking(context) as aggregator:
        with aggregator.reading() as connection:
            known = list_rules(connection)
        feeds, names, zone = (
            _name_feeds(aggregator),
            name_sections(publish.get_texts(aggregator)),
            aggregator.zone,
        )
    if as_json:
        from aggregator.shapes.rules import RuleShape

        print_json([RuleShape.of(rule) for rule in known])
        return
    table = Table(t("rule"), t("posts"), tp("column", "of"), tp("column", "what"), "", tp("column", "said"))
    for rule in known:
        if rule.state is not RuleState.REMOVED:
            view = build_rule(rule, feeds, names, zone)
            table.add_row(str(view.number), view.name, view.scope, view.act, "" if view.is_on else t("off"), view.said)
    out.print(table)


@app.command()
def add(
    context: typer.Context,
    trait: TraitArgument,
    sought: Sought,
    points: Points = None,
    section: SectionOption = None,
    mute: Mute = False,
    show: Show = False,
    feed: FeedOption = None,
    tag: TagOption = None,
    number: Annotated[int, typer.Option("--change", help="Change the rule with this number.")] = 0,
    as_json: Json = False,
) -> None:
    """Add or change a rule, and rank the months under review again."""
    from aggregator.pipeline import rules

    act = _read_act(points, section, mute=mute, show=show)
    with changing(context) as aggregator:
        named = read_section(aggregator, section)
        wanted = Rule(trait, sought, act, points=points, section=named, feed=feed, tag=tag, number=number)
        _rank_and_print(aggregator, rules.save_rule(aggregator, wanted), as_json)


@app.command()
def preview(
    context: typer.Context,
    trait: TraitArgument,
    sought: Sought,
    feed: FeedOption = None,
    tag: TagOption = None,
    as_json: Json = False,
) -> None:
    """Show the posts that a rule would have touched in 90 days; nothing is stored."""
    from aggregator.pipeline import rules
    from aggregator.words.rules import say_preview

    wanted = Rule(trait, sought, Act.MUTE, feed=feed, tag=tag)
    with looking(context) as aggregator:
        found = rules.preview_rule(aggregator, wanted)
    if as_json:
        examples = [
            {
                "post": one.post.id,
                "title": one.post.title,
                "url": one.post.url,
                "printed_in": str(one.printed_in) if one.printed_in else None,
            }
            for one in found.examples
        ]
        print_json({"touched": found.touched, "printed": found.printed, "examples": examples})
        return
    for one in found.examples:
        printed = t("printed")
        line = f"{one.post.published_at:%Y-%m-%d}  {one.post.title}"
        out.print(f"{line}  ({printed})" if one.printed_in else line)
    nothing = t("Nothing is stored.")
    out.print(f"{say_preview(found)} {nothing}")


@app.command()
def on(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """Switch on a rule that was switched off or removed."""
    _turn(context, number, RuleState.ON, as_json)


@app.command()
def off(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """Switch a rule off, and take back what it did to the months under review."""
    _turn(context, number, RuleState.OFF, as_json)


@app.command()
def remove(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """Remove a rule, and take back what it did to the months under review."""
    _turn(context, number, RuleState.REMOVED, as_json)


def _turn(context: typer.Context, number: int, state: RuleState, as_json: bool) -> None:
    from aggregator.pipeline import rules

    with changing(context) as aggregator:
        _rank_and_print(aggregator, rules.turn_rule(aggregator, number, state), as_json)


def _read_act(points: float | None, section: str | None, *, mute: bool, show: bool) -> Act:
    acts = {Act.POINTS: points is not None, Act.SECTION: section is not None, Act.MUTE: mute, Act.SHOW: show}
    if sum(acts.values()) != 1:
        raise typer.BadParameter(t("give one of --points, --section, --mute, --show"))
    return next(act for act, is_wanted in acts.items() if is_wanted)


def _name_feeds(aggregator: App) -> Mapping[str, str]:
    from aggregator.storage.feeds import list_names

    with aggregator.reading() as connection:
        return dict(list_names(connection))


def _rank_and_print(aggregator: App, rule: Rule, as_json: bool) -> None:
    from aggregator.pipeline import months, publish
    from aggregator.words.rules import name_rule, say_act, say_scope
    from aggregator.words.sections import name_sections

    aggregator.judge.rank_reviewed(months.find_open_month(aggregator))
    if as_json:
        from aggregator.shapes.rules import RuleShape

        print_json(RuleShape.of(rule))
        return
    is_on = rule.state is RuleState.ON
    said = t(
        "rule {number}, {name} of {scope}: {what}",
        number=rule.number,
        name=name_rule(rule.name),
        scope=say_scope(rule, _name_feeds(aggregator)),
        what=say_act(rule, name_sections(publish.get_texts(aggregator))) if is_on else t(rule.state),
    )
    out.print(said)
