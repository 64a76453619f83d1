"""Makes what the weekly has printed and what its sources publish, from ``words.toml``; the same each time.

Half a year of posts is put together from phrases; the month that is up for review is written by hand. Pure.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import product
from typing import Any
from xml.sax.saxutils import escape

from aggregator.types import Month

#: The first issue, and how many there are, a week apart.
_FIRST_ISSUE, _ISSUES = date(2026, 4, 3), 26
#: Of each week: posts that are printed, posts that are not, and posts of other fields.
_PRINTED, _LEFT, _NOISE = 7, 2, 2
#: How many of the posts of a source are of the part that it mostly writes for.
_USUAL = 0.85
_REVIEWED = Month(2026, 10)
#: In these lines a note tells what the post found.
_NOTED = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """A post of the weekly's field."""

    source: str
    at: datetime
    #: None for what is not of the weekly's field.
    part: int | None
    topic: str | None
    title: str
    #: Paragraphs, of which a post with substance has more, and what it shows, as HTML.
    text: tuple[str, ...]
    shown: str = ""
    #: The issue that printed it, if one did.
    issue: date | None = None

    @property
    def url(self) -> str:
        return f"https://{self.source}.example/{_slug(self.title)}"


@cache
def read_words() -> Mapping[str, Any]:
    """The tables that everything is made from."""
    return tomllib.loads((resources.files(__package__) / "words.toml").read_text("utf-8"))


@cache
def make_posts() -> tuple[Sample, ...]:
    """All posts, the oldest first."""
    dice = random.Random("The Weir")  # noqa: S311 - the same each time
    posts = [*_make_history(dice), *_read_october(dice)]
    return tuple(sorted(posts, key=lambda post: (post.at, post.url)))


def write_issues() -> Iterator[tuple[date, str]]:
    """The issues with their days, the oldest first."""
    by_issue: dict[date, list[Sample]] = {}
    for post in make_posts():
        if post.issue:
            by_issue.setdefault(post.issue, []).append(post)
    return ((day, _write_issue(posts)) for day, posts in sorted(by_issue.items()))


def write_feeds(server: str) -> str:
    """A feeds.toml with the feeds of its sources at a server, below the settings of its curator."""
    said = [
        'time_zone = "Europe/Dublin"\n\n[visits]\nallowed_networks = ["127.0.0.0/8"]\nhost_pause_seconds = 0\n\n'
        "[shortlist]\nsize = 30\n",
        *(
            f'[feeds.{key}]\nname = "{name}"\nurl = "{server}/{key}.xml"\nsite = "https://{key}.example/"\n'
            f'language = "en"\nkind = "{kind}"\n' + (f'organisation = "{organisation}"\n' if organisation else "")
            for key, (name, kind, organisation, _) in read_words()["sources"].items()
            if kind
        ),
    ]
    return "\n".join(said)


def write_documents() -> Iterator[tuple[str, str]]:
    """The feed of each source, by the name of its file: persons have Atom, the others RSS."""
    for key, (name, kind, *_) in read_words()["sources"].items():
        posts = [post for post in reversed(make_posts()) if post.source == key]
        if kind:
            yield f"{key}.xml", (_write_atom if kind == "individual" else _write_rss)(key, name, posts)


# --- posts ------------------------------------------------------------------------------------------------------------


def _make_history(dice: random.Random) -> Iterator[Sample]:
    words = read_words()
    topics = list(words["topics"])
    subjects = {
        (part, topic): _shuffle(dice, product(words["titles"][part], words["topics"][topic]["subjects"]))
        for part in words["titles"]
        for topic in topics
    }
    noise = _shuffle(dice, product(words["noise"]["titles"], [key for key, one in words["sources"].items() if one[1]]))
    for week in range(_ISSUES):
        issue = _FIRST_ISSUE + timedelta(weeks=week)
        for place in range(_PRINTED + _LEFT):
            topic = topics[(week * (_PRINTED + _LEFT) + place) % len(topics)]
            part = (week + place) % 2
            template, subject = subjects[list(words["titles"])[part], topic].pop()
            is_printed = place < _PRINTED
            is_usual = dice.random() < _USUAL
            source = dice.choice([key for key, one in words["sources"].items() if (one[3] == part) == is_usual])
            yield _make_post(dice, source, issue, part, topic, template, subject, is_printed=is_printed)
        for _ in range(_NOISE):
            template, source = noise.pop()
            fill = _filler(dice, source, "")
            text = dice.sample(words["noise"]["texts"], 2)
            yield Sample(source, _choose_moment(dice, issue), None, None, fill(template), tuple(map(fill, text)))


def _make_post(
    dice: random.Random,
    source: str,
    issue: date,
    part: int,
    topic: str,
    template: str,
    subject: str,
    *,
    is_printed: bool,
) -> Sample:
    words = read_words()
    fill = _filler(dice, source, subject)
    facts = dice.sample(words["topics"][topic]["facts"], 5 if is_printed else 1)
    kind = list(words["titles"])[part]
    told = dice.sample(words["texts"][kind], 2 if is_printed else 0)
    text = tuple(fill(sentence) for sentence in (*told[:1], *facts, *told[1:]))
    moment = _choose_moment(dice, issue)
    shown = fill(words["shown"][kind]) if is_printed else ""
    return Sample(source, moment, part, topic, fill(template), text, shown, issue if is_printed else None)


def _filler(dice: random.Random, source: str, subject: str) -> Any:
    """What fills the places of a phrase."""
    name, _, organisation, _ = read_words()["sources"][source]

    def fill(phrase: str) -> str:
        number = dice.randint(3, 60)
        capital = subject[:1].upper() + subject[1:]
        return phrase.format(
            s=subject,
            S=capital,
            n=number,
            N=number,
            org=organisation or name,
            key=source,
            slug=_slug(subject or "post"),
        )

    return fill


def _choose_moment(dice: random.Random, issue: date) -> datetime:
    """A moment in the week before an issue."""
    day = issue - timedelta(days=dice.randint(1, 6))
    return datetime.combine(day, time(dice.randint(7, 16), dice.randint(0, 59)), UTC)


def _read_october(dice: random.Random) -> Iterator[Sample]:
    words = read_words()
    for at, (day, source, part, topic, title, text) in enumerate(words["october"]["posts"]):
        moment = datetime(_REVIEWED.year, _REVIEWED.month, day, 8, at, tzinfo=UTC)
        if not topic:
            yield Sample(source, moment, None, None, title, (text,))
            continue
        kind, table = list(words["titles"])[part], words["topics"][topic]
        fill = _filler(dice, source, dice.choice(table["subjects"]))
        told = [*dice.sample(table["facts"], 4), *dice.sample(words["texts"][kind], 2)]
        yield Sample(source, moment, part, topic, title, (text, *map(fill, told)), fill(words["shown"][kind]))


def _shuffle(dice: random.Random, pairs: Any) -> list[tuple[str, str]]:
    found = list(pairs)
    dice.shuffle(found)
    return found


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


# --- documents --------------------------------------------------------------------------------------------------------


def _write_issue(posts: Sequence[Sample]) -> str:
    words = read_words()
    said = [words["head"].strip() + "\n"]
    for number, part in enumerate(words["parts"], 1):
        chosen = [post for post in posts if post.part == number - 1]
        if chosen:
            said.append(f"\n## {number}. {part}")
        for place, (topic, table) in enumerate(words["topics"].items(), 1):
            lines = [_write_line(post) for post in chosen if post.topic == topic]
            if lines:
                said.append(f"### {number}.{place}. {table['heading']}\n" + "\n".join(lines))
    return "\n".join(said) + "\n"


def _write_line(post: Sample) -> str:
    organisation = read_words()["sources"][post.source][2]
    label = ", ".join(filter(None, (Month(post.at.year, post.at.month).label, organisation)))
    line = f"* [{post.title}: {label}]({post.url})"
    return f"{line}\n  * {post.text[1]}" if post.at.minute % _NOTED == 0 else line


def _write_rss(key: str, name: str, posts: Sequence[Sample]) -> str:
    items = "".join(
        f"<item><title>{escape(post.title)}</title><link>{post.url}</link><guid>{post.url}</guid>"
        f"<pubDate>{post.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>{escape(_write_text(post))}</description></item>\n"
        for post in posts
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{escape(name)}</title>'
        f"<link>https://{key}.example/</link><description>{escape(name)}</description>\n{items}</channel></rss>\n"
    )


def _write_atom(key: str, name: str, posts: Sequence[Sample]) -> str:
    entries = "".join(
        f'<entry><title>{escape(post.title)}</title><id>{post.url}</id><link href="{post.url}"/>'
        f"<published>{post.at.isoformat()}</published><updated>{post.at.isoformat()}</updated>"
        f'<content type="html">{escape(_write_text(post))}</content></entry>\n'
        for post in posts
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(name)}</title>'
        f"<id>https://{key}.example/</id><updated>{posts[0].at.isoformat()}</updated>"
        f"<author><name>{escape(name)}</name></author>\n{entries}</feed>\n"
    )


def _write_text(post: Sample) -> str:
    """The text as HTML; addresses are links."""
    said = (re.sub(r"(https://[^\s]+)", r'<a href="\1">\1</a>', escape(sentence)) for sentence in post.text)
    return "".join(f"<p>{sentence}</p>" for sentence in said) + post.shown.strip()
