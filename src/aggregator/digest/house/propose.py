"""Proposes a title in the house style, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from aggregator.digest.house.casing import change_case
from aggregator.digest.house.lessons import NOTHING, Aspect, Lessons
from aggregator.digest.house.names import mark_names
from aggregator.digest.house.phrases import shorten
from aggregator.digest.house.runs import EASTERN, LONGEST, Run, join_runs, read_runs, write_runs
from aggregator.digest.house.trim import list_trims
from aggregator.types import Mark, StepKind, TitleStep


def propose_title(
    markdown: str,
    lessons: Lessons = NOTHING,
    *,
    url: str = "",
    names: Sequence[str] = (),
    is_english: bool = True,
) -> tuple[str, tuple[TitleStep, ...]]:
    """Propose a title for one that is given as Markdown, such as a post's own, escaped; return it with the steps that
    lead to it. Without steps the title is as it was.

    *names* are those of its feed and organisation, by which the end of a title is recognised as the name of its site.
    Only English is written in Title Case. Names that are marked stay as they are; so does a title of more than 400
    characters.
    """
    if len(markdown) > LONGEST:
        return markdown, ()
    runs, steps = read_runs(markdown), list[TitleStep]()
    is_whole = len(runs) == 1
    if is_whole and not runs[0].mark:
        runs = [Run(_trim(runs[0].text, url, names, steps))]
    runs = [
        piece for run in runs for piece in ([run] if run.mark else _mark(run.text, lessons, steps, is_whole=is_whole))
    ]
    runs = [run if run.mark else Run(_shorten(run.text, lessons, steps)) for run in _merge(runs)]
    if is_english and not EASTERN.search(join_runs(runs)):
        runs = _capitalise(runs, lessons, steps)
    title = write_runs(runs)
    return (title, tuple(steps)) if steps and title else (markdown, ())


def _trim(title: str, url: str, names: Sequence[str], steps: list[TitleStep]) -> str:
    for kind, trimmed in list_trims(title, url, names):
        steps.append(TitleStep(kind, *_find_difference(title, trimmed)))
        title = trimmed
    return title


def _mark(text: str, lessons: Lessons, steps: list[TitleStep], *, is_whole: bool) -> Iterator[Run]:
    place = 0
    for name in mark_names(text, lessons.names, partial(lessons.weigh, Aspect.NAME), is_whole=is_whole):
        yield Run(text[place : name.start])
        yield Run(name.text, name.mark)
        place = name.end
        if name.mark:
            kind = StepKind.MODEL if name.mark is Mark.MODEL else StepKind.PRODUCT
            steps.append(TitleStep(kind, text[name.start : name.end], name.text, name.printed))
    yield Run(text[place:])


def _merge(runs: Sequence[Run]) -> Iterator[Run]:
    for mark, alike in groupby(runs, key=lambda run: run.mark):
        if mark:
            yield from alike
        elif text := join_runs(alike):
            yield Run(text)


def _shorten(text: str, lessons: Lessons, steps: list[TitleStep]) -> str:
    short, done = shorten(text, partial(lessons.weigh, Aspect.PHRASE))
    steps += [TitleStep(StepKind.PHRASE, *each) for each in done]
    return short


def _capitalise(runs: Sequence[Run], lessons: Lessons, steps: list[TitleStep]) -> list[Run]:
    learned: dict[str, TitleStep] = {}

    def choose(small: str, rule: str) -> str:
        form, printed = lessons.weigh(Aspect.WORD, small, rule)
        if form is None or form == rule:
            return rule
        learned[small] = TitleStep(StepKind.WORD, rule, form, printed)
        return form

    changed = change_case(runs, choose)
    before, after = join_runs(runs), join_runs(changed)
    if before != after:
        steps.append(TitleStep(StepKind.CASE, before, after))
        steps += learned.values()
    return changed


def _find_difference(before: str, after: str) -> tuple[str, str]:
    """What differs between two titles, without what they share at both ends."""
    shortest = min(len(before), len(after))
    start = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    most = shortest - start
    end = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    return before[start : len(before) - end].strip(), after[start : len(after) - end].strip()
