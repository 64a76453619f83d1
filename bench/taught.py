"""What decisions teach: a curator who decides labelled posts in the order of their dates.

    python bench/taught.py POSTS.jsonl

Two tables: the next post, guessed without and with the memory of what the model has not learned yet; and posts that
were held out, by how many others were decided. No post is measured that was taught. Takes minutes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from aggregator.classify.learning import CORRECTION, Lesson, gather_material
from aggregator.classify.memory import name_feed_or_host, remember
from aggregator.classify.model import SectionModel, fit_model
from aggregator.classify.neighbours import Neighbourhood
from aggregator.classify.taught import MetricEstimate, measure_effects
from aggregator.classify.training import load_shipped_rows
from aggregator.evaluate.examples import Example
from aggregator.pipeline.evaluate import load_examples
from aggregator.shipped import SHIPPED
from aggregator.types import Guess

DECISIONS = (50, 100, 200)
FOLDS = 5
#: Decisions after which a model is fitted; None is never, as while one is pinned.
RHYTHMS = (20, None)
DAY = datetime(2020, 1, 1, tzinfo=UTC)


def read_lessons(file: Path) -> list[Lesson]:
    """The posts as they are decided, in the order of their dates."""
    examples = load_examples(file, SHIPPED)
    dated = sorted(enumerate(examples, 1), key=lambda pair: (_read_date(pair[1]), pair[0]))
    return [
        Lesson(example.to_post(number), example.section, CORRECTION, DAY + timedelta(minutes=place))
        for place, (number, example) in enumerate(dated)
    ]


def _read_date(example: Example) -> str:
    """``2023-06-01``, ``01 Jun 2023`` or ``2023``, so that they sort."""
    said = str(example.record.get("published") or "")
    if match := re.match(r"\d{1,2} \w{3} \d{4}", said):
        return datetime.strptime(match[0], "%d %b %Y").replace(tzinfo=UTC).date().isoformat()
    return said


def fit(lessons: Sequence[Lesson], held_out: Sequence[Lesson] = ()) -> SectionModel:
    material = gather_material(load_shipped_rows(), lessons, held_out)
    return fit_model(material.select({lesson.post.id for lesson in held_out}))


def decide_in_order(lessons: Sequence[Lesson], rhythm: int | None) -> None:
    """Each post is guessed just before it is decided."""
    posts = {lesson.post.id: lesson.post for lesson in lessons}
    sources = {number: name_feed_or_host(post) for number, post in posts.items()}
    without, with_, near = [], [], []
    for place, lesson in enumerate(lessons):
        if place == 0 or (rhythm and place % rhythm == 0):
            learned = place if rhythm else 0
            around = Neighbourhood(fit(lessons[:learned])).read(list(posts), posts)
        row = around.ids.index(lesson.post.id)
        memory = remember(around, lessons[learned:place], sources)
        without += remember(around, (), sources).guess([row])
        with_ += memory.guess([row])
        if memory.recall(lesson.post):
            near.append(place)
    print(f"\nthe next post, fitted after {rhythm or 'no'} decisions; of {len(near)} posts a lesson was alike")
    tell(lessons, without, with_)
    print("these alone")
    tell(*([each[place] for place in near] for each in (lessons, without, with_)))  # type: ignore[arg-type]


def decide_others(lessons: Sequence[Lesson], decisions: int) -> tuple[list[Lesson], list[Guess]]:
    """Each post as a model guesses it that has learned so many posts of other folds."""
    mixed = list(lessons)
    Random(7).shuffle(mixed)
    held, guesses = [], []
    for fold in range(FOLDS):
        mine, others = mixed[fold::FOLDS], [each for n, each in enumerate(mixed) if n % FOLDS != fold]
        held += mine
        guesses += fit(others[:decisions], mine).guess([lesson.post for lesson in mine])
    return held, guesses


def tell(lessons: Sequence[Lesson], before: Sequence[Guess], after: Sequence[Guess]) -> None:
    for effect in measure_effects([lesson.section for lesson in lessons], before, after):
        said = [show(effect.before), show(effect.after), show(effect.gain, "+")]
        print(f"  {effect.name:20} {effect.posts:4} | {' | '.join(said)}", flush=True)


def show(estimate: MetricEstimate, sign: str = "") -> str:
    low, high = estimate.interval
    return f"{estimate.value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def main(file: Path) -> None:
    lessons = read_lessons(file)
    for rhythm in RHYTHMS:
        decide_in_order(lessons, rhythm)
    held, before = decide_others(lessons, 0)
    for decisions in DECISIONS:
        print(f"\nposts not decided, after {decisions} decisions")
        tell(held, before, decide_others(lessons, decisions)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
