"""What the model has not learned yet, felt in posts that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import log
from pathlib import Path

import pytest

from aggregator.classify.explain import explain_post
from aggregator.classify.learning import Lesson
from aggregator.classify.memory import PendingLessons, find_moved, name_feed_or_host, remember
from aggregator.classify.model import SectionModel, load_model
from aggregator.classify.neighbours import Neighbourhood
from aggregator.shipped import SHIPPED
from aggregator.types import Guess, Post, Section
from world import NOW, make_post

TITLE, TEXT = "Quokka burrow sensors hum at dusk", "Quokka telemetry tells the keepers what the burrow heard."
ODD = SHIPPED.parse_section("2.1")


@pytest.fixture(scope="module")
def model(shipped_model: Path) -> SectionModel:
    found = load_model(shipped_model, shipped_model.stem)
    assert found is not None
    return found


def _post(number: int, title: str = TITLE, text: str = TEXT, feed: str = "northwind") -> Post:
    url = f"https://{feed}.example/{number}"
    return make_post(number, title=title, text=text, url=url, canonical_url=url, feed_key=feed, organisation=None)


def _lesson(post: Post, section: Section | None = ODD) -> Lesson:
    return Lesson(post, section, "correction", NOW + timedelta(minutes=post.id))


def _remember(model: SectionModel, posts: Sequence[Post], lessons: Sequence[Lesson]) -> PendingLessons:
    known = {post.id: post for post in (*posts, *(lesson.post for lesson in lessons))}
    sources = {number: name_feed_or_host(post) for number, post in known.items()}
    return remember(Neighbourhood(model).read(list(known), known), lessons, sources)


def _guess(memory: PendingLessons, post: Post) -> Guess:
    return memory.guess([memory.around.ids.index(post.id)])[0]


def test_without_lessons_it_guesses_as_the_model_does(model: SectionModel) -> None:
    posts = [_post(1), _post(2, "추천 랭킹 개선기", "클릭을 더 잘 맞힌다.")]
    assert _remember(model, posts, ()).guess([0, 1]) == model.guess(posts)
    assert _remember(model, (), ()).guess([]) == []


@pytest.mark.parametrize(
    ("post", "is_felt"),
    [
        (_post(2), True),
        (_post(2, feed="lumen"), True),
        (_post(2, f"{TITLE}, part 2"), True),
        (_post(2, "How we price flights", "Fares and seats."), False),
        (_post(2, "", ""), False),
    ],
)
def test_posts_that_are_alike_feel_a_lesson_and_others_nothing(model: SectionModel, post: Post, is_felt: bool) -> None:
    (before,) = model.guess([post])
    memory = _remember(model, [post], [_lesson(_post(1))])
    after = _guess(memory, post)
    assert (after.topics[ODD.topic] > before.topics[ODD.topic]) is is_felt
    assert (after.section == ODD) is is_felt
    assert bool(memory.recall(post)) is is_felt
    if not is_felt:
        assert after == before


def test_a_lesson_on_scope_says_nothing_of_sections(model: SectionModel) -> None:
    post = _post(2)
    (before,) = model.guess([post])
    after = _guess(_remember(model, [post], [_lesson(_post(1), None)]), post)
    assert after.out_of_scope > before.out_of_scope
    assert (after.topics, after.parts) == (before.topics, before.parts)


def _shift(memory: PendingLessons, post: Post) -> float:
    return float(sum(one.shifts["topic"][ODD.topic] for one in memory.recall(post)))


def test_posts_of_one_source_feel_more(model: SectionModel) -> None:
    near, far = _post(2, f"{TITLE}, and then a walk"), _post(3, f"{TITLE}, and then a walk", feed="lumen")
    memory = _remember(model, [near, far], [_lesson(_post(1))])
    assert _shift(memory, near) > _shift(memory, far) > 0


def test_what_is_said_twice_adds_less_and_what_was_guessed_adds_least(model: SectionModel) -> None:
    post, first, again = _post(9), _lesson(_post(1)), _lesson(_post(2))
    once, twice = (_shift(_remember(model, [post], lessons), post) for lessons in ([first], [first, again]))
    assert once < twice < 1.8 * once
    guessed = model.guess([first.post])[0].section
    agreed = _remember(model, [post], [_lesson(_post(1), guessed)]).recall(post)[0]
    assert 0 < agreed.shifts["topic"][guessed.topic] < once


def test_the_newest_lessons_are_remembered_in_whatever_order_they_come(
    model: SectionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.classify.memory.MOST", 3)
    lessons = [_lesson(_post(number)) for number in range(1, 6)]
    assert [step.lesson for step in _remember(model, (), lessons[::-1]).steps] == lessons[2:]


def test_a_memory_that_follows_another_tells_what_has_moved(model: SectionModel) -> None:
    posts = [_post(1), _post(2), _post(3, "How we price flights", "Fares and seats.")]
    before = _remember(model, posts, ())
    sources = {post.id: name_feed_or_host(post) for post in posts}
    after = remember(before.around, [_lesson(posts[0])], sources, before)
    assert [before.around.ids[row] for row in find_moved(before, after)] == [2]
    same = remember(before.around, [_lesson(posts[0])], sources, after)
    assert find_moved(after, same) == []
    assert find_moved(after, remember(before.around, (), sources, after)) == find_moved(before, after)


@pytest.mark.parametrize("url", ["https://northwind.example/2", "https://aws.amazon.com/blogs/machine-learning/2/"])
@pytest.mark.parametrize("section", [*map(SHIPPED.parse_section, ("1.1", "2.3", "3.4")), None])
def test_lessons_are_named_among_the_clues_and_all_add_up(
    model: SectionModel, url: str, section: Section | None
) -> None:
    post = make_post(2, title=TITLE, text=TEXT, url=url)
    memory = _remember(model, [post], [_lesson(make_post(1, title=TITLE, text=TEXT, url=url), section)])
    explanation, guess = explain_post(model, post, memory.recall(post)), _guess(memory, post)
    name = f"like “{TITLE}”, which you {f'put in {section}' if section else 'found out of scope'}"
    named = set()
    for choice in (explanation.part, explanation.topic, explanation.scope):
        assert sum(clue.weight for clue in choice.clues) == pytest.approx(choice.difference, abs=1e-4)
        assert choice.difference == pytest.approx(log(choice.probability / choice.runner_up_probability), abs=1e-6)
        named |= {choice.axis for clue in choice.clues if clue.name == name}
    assert named == ({"part", "topic", "scope"} if section else {"scope"})
    assert explanation.topic.probability == pytest.approx(max(guess.topics.values()), abs=1e-4)
    assert explanation.part.probability == pytest.approx(max(guess.parts.values()), abs=1e-4)
