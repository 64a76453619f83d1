"""The weekly of the demo, as it is made and as it is understood when it is adopted."""

from __future__ import annotations

import re
from collections import Counter
from zoneinfo import ZoneInfo

from aggregator.adopt.sketch import Page, Rhythm, sketch
from aggregator.classify.model import fit_model
from aggregator.classify.training import make_row
from aggregator.config import load_config
from aggregator.config.settings import Settings
from aggregator.demo.weekly.make import make_posts, read_words, write_documents, write_feeds, write_issues
from aggregator.feeds.parse import parse_document
from aggregator.places import find_shipped
from aggregator.types import LabelStyle, NoteStyle
from world import make_post

FOREIGN = re.compile(r"\b(?:AI|ML|CV|NLP|RecSys|MLOps|AWS|business cases?)\b", re.IGNORECASE)


def test_half_a_year_has_all_topics_and_no_word_of_another_field() -> None:
    posts = make_posts()
    assert len({post.url for post in posts}) == len(posts) > 300
    printed = Counter((post.part, post.topic) for post in posts if post.issue)
    assert len(printed) == 10
    assert min(printed.values()) > 10
    assert [post.title for post in posts if FOREIGN.search(f"{post.title} {post.text}")] == []


def test_its_feeds_have_all_posts_of_sources_that_have_one() -> None:
    feeds = load_config({}, file=find_shipped(), text=write_feeds("http://127.0.0.1:9")).feeds
    documents = dict(write_documents())
    assert {f"{feed.key}.xml" for feed in feeds} == set(documents)
    parsed = [parse_document(text.encode(), f"http://x.example/{name}") for name, text in documents.items()]
    assert sum(len(one.entries) for one in parsed) == sum(post.source != "rook" for post in make_posts())


def test_its_issues_are_understood() -> None:
    pages = [Page(f"{day}.md", text) for day, text in write_issues()]
    adoption = sketch(pages, Settings().merge_texts(None), {}, ZoneInfo("UTC"))
    assert (adoption.left, adoption.rhythm, len(adoption.lines)) == ((), Rhythm.WEEKLY, 182)
    taxonomy, style = adoption.texts.taxonomy, adoption.texts.style
    assert [part.heading for part in taxonomy.parts] == ["Stories from Production", "Tools and Techniques"]
    assert [topic.heading.split()[0] for topic in taxonomy.topics] == [
        "Streams", "Tables", "Pipelines", "Quality", "Modelling",
    ]  # fmt: skip
    assert (style.label, style.note, taxonomy.reasons) == (LabelStyle.COLON, NoteStyle.NESTED, ())
    assert adoption.texts.head.startswith("# The Weir\n\nOne letter a week")

    # The topics of the month to review are guessed from the titles that were printed.
    printed = {post.url: post for post in make_posts() if post.issue}
    rows = [
        make_row(one.line.title, one.line.url, one.line.organisation, one.line.section, "decision")
        for one in adoption.lines
    ]
    assert len(rows) == len(printed)
    keys = dict(zip(read_words()["topics"], taxonomy.topics, strict=True))
    month = [post for post in make_posts() if post.at.month == 10 and post.topic]
    posts = [make_post(title=post.title, text=" ".join(post.text), url=post.url, language="en") for post in month]
    guessed = fit_model(rows, taxonomy).guess(posts)
    right = sum(
        guess.section is not None and guess.section.topic == keys[post.topic]
        for guess, post in zip(guessed, month, strict=True)
    )
    assert right / len(month) > 0.85
