"""Parts and topics of one's own: what feeds.toml may say, how a digest of them is printed and read, and where the words
of the shipped ones may stand.
"""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

import aggregator
from aggregator.classify.explain import explain_post
from aggregator.classify.model import SectionModel, fit_model, load_model, name_recipe
from aggregator.classify.training import LEAST_OF_CLASS, Row, make_row, serves
from aggregator.config import Config, load_config
from aggregator.digest.order import order_lines
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import ConfigError, DigestError
from aggregator.shipped import SHIPPED
from aggregator.types import Digest, Line, Month, Part, Taxonomy, Texts, Topic
from world import make_post

TWO_BY_TWO = Taxonomy.of(
    [Part("tools", "Tools"), Part("stories", "Stories")], [Topic("streams", "Streams"), Topic("tables", "Tables")]
)
TOPICS = Taxonomy.of([Part("all")], [Topic("streams", "Streams"), Topic("tables", "Tables"), Topic("flows", "Flows")])
PARTS = Taxonomy.of([Part("tools", "Tools"), Part("stories", "Stories")], [Topic("all")])
ONE = Taxonomy.of([Part("all")], [Topic("posts", "Posts")])


def _load(tmp_path: Path, digest: str) -> Config:
    file = tmp_path / "feeds.toml"
    file.write_text(digest, "utf-8")
    return load_config({}, home=tmp_path, file=file)


# --- settings ---


def test_tables_in_feeds_toml_are_a_taxonomy_of_ones_own(tmp_path: Path) -> None:
    taxonomy = _load(
        tmp_path,
        '[digest.parts.tools]\nheading = "Tools"\nprints_organisation = false\n'
        '[digest.parts.stories]\nheading = "Stories from Production"\nname = "stories"\nbusiness_case = 1\n'
        '[digest.topics.streams]\nheading = "Streams"\nhint = "Kafka and others"\n'
        '[digest.topics.tables]\nheading = "Tables"\n[shortlist.sections]\n"stories/tables" = 3\n',
    ).settings
    assert [str(section) for section in taxonomy.taxonomy.sections] == ["1.1", "1.2", "2.1", "2.2"]
    tools, stories = taxonomy.taxonomy.parts
    assert (tools.prints_organisation, stories.name, stories.business_case) == (False, "stories", 1.0)
    assert taxonomy.taxonomy.topics[0].hint == "Kafka and others"
    assert taxonomy.shortlist.sections == {"2.2": 3}
    assert taxonomy.merge_texts(None).head == "# Digest\n\n"


def test_texts_are_headings_of_the_shipped_taxonomy(tmp_path: Path) -> None:
    settings = _load(tmp_path, '[digest.topics]\ncv = "Seeing"\n').settings
    assert settings.taxonomy == SHIPPED
    assert list(settings.merge_texts(None).topics.values())[:2] == ["Seeing", "NLP"]


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        (
            '[digest.topics]\nclouds = "Clouds"',
            "clouds is not one of cv, nlp, recsys, mlops; one of your own is a table",
        ),
        ('[digest.topics]\ncv = "Seeing"\n[digest.topics.b]\nheading = "B"', "either all are tables, or all are texts"),
        ('[digest.parts.a]\nheading = "A"\n[digest.topics]\ncv = "Seeing"', "both are tables of your own"),
        ('[digest.parts.A]\nheading = "A"', "a key consists of lower-case letters"),
        ('[digest.parts.a]\nname = "A"', "digest.parts.a.heading"),
        ('[digest.parts.a]\nheading = "A\\nB"', "a text on one line is needed"),
        ('[digest.parts.a]\nheading = ""', "a text on one line is needed"),
        ('[digest.parts.a]\nheading = "A"\n[digest.parts.b]\nheading = "a"', "two have the heading “a”"),
        ('[digest.parts.a]\nheading = "A"\nhint = "x"', "is not a known key"),
        ('[digest.parts.a]\nheading = "A"\npublished_by = "me"', "digest.parts.a.published_by"),
        ("".join(f'[digest.topics.t{n}]\nheading = "T{n}"\n' for n in range(10)), "there are 10; at most 9"),
        ('[digest.parts.a]\nheading = "A"\n[shortlist.sections]\n"2.4" = 3', "'2.4' is not a section"),
        (
            "".join(f'[digest.parts.{n}]\nheading = "{n}"\npublished_by = "aws"\n' for n in "ab"),
            "only one may have published_by",
        ),
        ('[digest.parts.a]\nheading = "A"\npublished_by = "aws"', "beside one with published_by another is needed"),
    ],
)
def test_what_cannot_be_a_taxonomy_is_told_at_its_place(tmp_path: Path, said: str, mistake: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(mistake)):
        _load(tmp_path, said)


# --- sections ---


@pytest.mark.parametrize(
    ("taxonomy", "numbers", "named", "key"),
    [
        (TWO_BY_TWO, ["1.1", "1.2", "2.1", "2.2"], "stories/tables", "stories/tables"),
        (TOPICS, ["1", "2", "3"], "flows", "all/flows"),
        (PARTS, ["1", "2"], "stories", "stories/all"),
        (ONE, ["1"], "posts", "all/posts"),
    ],
)
def test_sections_are_numbered_by_what_there_is(taxonomy: Taxonomy, numbers: list[str], named: str, key: str) -> None:
    assert [str(section) for section in taxonomy.sections] == numbers
    last = taxonomy.sections[-1]
    assert taxonomy.parse_section(named) == taxonomy.parse_section(f" {numbers[-1]}. ") == last
    assert (last.key, taxonomy.find_section(key), taxonomy.find_section("gone/tables")) == (key, last, None)
    copied = pickle.loads(pickle.dumps(taxonomy))
    assert (copied, copied.sections[-1].part.heading) == (taxonomy, last.part.heading)


# --- the page ---


def _make_digest(taxonomy: Taxonomy, head: str = "# Weekly\n\n") -> Digest:
    texts = Texts(head, {p: p.heading for p in taxonomy.parts}, {t: t.heading for t in taxonomy.topics})
    lines = [
        Line(
            section, f"Post {n}", f"https://a.example/{n}", Month(2022, 12), note=": a note\n  * more" if n == 1 else ""
        )
        for n, section in enumerate((*taxonomy.sections, taxonomy.sections[0]))
    ]
    return Digest(texts, order_lines(lines))


@pytest.mark.parametrize(
    ("taxonomy", "headings"),
    [
        (TWO_BY_TWO, ["## 1. Tools", "### 1.1. Streams", "### 1.2. Tables"]),
        (TOPICS, ["## 1. Streams", "## 2. Tables", "## 3. Flows"]),
        (PARTS, ["## 1. Tools", "## 2. Stories"]),
        (ONE, ["## 1. Posts"]),
    ],
)
def test_a_digest_of_any_taxonomy_is_read_as_it_was_printed(taxonomy: Taxonomy, headings: list[str]) -> None:
    digest = _make_digest(taxonomy)
    page = render_digest(digest)
    assert re.findall("^#{2,3} .*$", page, re.MULTILINE)[: len(headings)] == headings
    read = read_digest(page, digest.texts)
    assert (read.remarks, read.digest, render_digest(read.digest)) == ((), digest, page)


@pytest.mark.parametrize(
    ("taxonomy", "heading", "known"),
    [
        (TOPICS, "## 4. More", "sections go from 1 to 3"),
        (TOPICS, "### 1.1. Streams", "sections go from 1 to 3"),
        (TWO_BY_TWO, "## 3. More", "parts go from 1 to 2"),
        (TWO_BY_TWO, "### 2.3. More", "sections go from 1.1 to 2.2"),
    ],
)
def test_a_heading_of_another_digest_is_told(taxonomy: Taxonomy, heading: str, known: str) -> None:
    with pytest.raises(DigestError, match=re.escape(f"has an unknown number; {known}")):
        read_digest(f"{heading}\n", _make_digest(taxonomy).texts)


# --- the model ---


def _teach(count: int, part: str, topic: str, word: str, start: int = 0) -> list[Row]:
    section = TWO_BY_TWO.get_section(part, topic)
    return [
        make_row(f"{word} {n} in {part}", f"https://{word}{n}.example/", None, section, "decision")
        for n in range(start, start + count)
    ]


@pytest.fixture(scope="module")
def taught() -> SectionModel:
    """One topic and both parts have enough; the other topic lacks one post."""
    rows = [
        *_teach(LEAST_OF_CLASS, "tools", "streams", "kafka"),
        *_teach(LEAST_OF_CLASS - 1, "stories", "tables", "join"),
    ]
    return fit_model([*rows, *_teach(1, "stories", "streams", "kafka", 90)], TWO_BY_TWO)


def test_without_decisions_nothing_is_guessed(tmp_path: Path) -> None:
    model = fit_model([], TWO_BY_TWO)
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz", model.version, TWO_BY_TWO)
    assert loaded is not None
    (guess,) = loaded.guess([make_post()])
    assert (guess.section, guess.probability, guess.rival, guess.out_of_scope) == (None, 0, None, None)
    assert guess.is_unsure
    assert not guess.is_out_of_scope


def test_what_has_too_few_decisions_is_not_told_apart_yet(taught: SectionModel) -> None:
    (guess,) = taught.guess([make_post(title="kafka 3 in tools", url="https://kafka3.example/", language="en")])
    assert (max(guess.parts, key=guess.parts.__getitem__), guess.topics, guess.section) == ("tools", {}, None)
    explained = explain_post(taught, make_post(title="kafka 3 in tools", language="en"))
    assert (explained.topic, explained.scope, explained.rules) == (None, None, ())
    assert explained.part is not None


def test_a_topic_that_is_not_learned_keeps_its_share() -> None:
    three = Taxonomy.of(TWO_BY_TWO.parts, [*TWO_BY_TWO.topics, Topic("flows", "Flows")])
    rows = [*_teach(20, "tools", "streams", "kafka"), *_teach(20, "stories", "tables", "join")]
    (guess,) = fit_model(rows, three).guess([make_post(title="kafka", url="https://kafka.example/", language="en")])
    assert guess.topics["flows"] == pytest.approx(1 / 43, abs=1e-4)  # type: ignore[index]
    assert sum(guess.topics.values()) == pytest.approx(1, abs=1e-3)
    assert str(guess.section) == "1.1"


@pytest.mark.parametrize("others", [1, 2])
def test_a_reserved_part_is_for_what_its_publisher_wrote(others: int) -> None:
    cloud = Part("cloud", "The Cloud", published_by="aws")
    taxonomy = Taxonomy.of([*TWO_BY_TWO.parts[:others], cloud], [Topic("all")])
    rows = [
        make_row(f"Queues {n} of {part}", f"https://{host}/{n}", None, taxonomy.get_section(part, None), "decision")
        for n in range(LEAST_OF_CLASS)
        for part, host in [("cloud", "aws.amazon.com/blogs")]
        + [(part, f"{part}{n}.example") for part in taxonomy.parts[:others]]
        + [("tools", "aws.amazon.com/blogs/tools")]
    ]
    title = "Queues 7 of cloud"
    posts = [
        make_post(title=title, url=url, language="en")
        for url in ("https://aws.amazon.com/blogs/7", "https://a.example/7")
    ]
    by_aws, by_others = fit_model(rows, taxonomy).guess(posts)
    assert str(by_aws.section and by_aws.section.part) == "cloud"
    assert by_others.parts[cloud] == 0
    assert sum(by_others.parts.values()) == pytest.approx(1, abs=1e-3)


def test_shipped_rows_serve_the_shipped_parts_and_topics_alone() -> None:
    renamed = Taxonomy.of([*reversed(SHIPPED.parts)], SHIPPED.topics)
    assert serves(SHIPPED)
    assert serves(renamed), "another order is only other numbers"
    assert name_recipe(renamed) == name_recipe(SHIPPED)
    fewer = Taxonomy.of(SHIPPED.parts[:2], SHIPPED.topics)
    assert not serves(fewer)
    assert len({name_recipe(each) for each in (SHIPPED, fewer, TWO_BY_TWO, TOPICS)}) == 4


# --- where the words of the shipped taxonomy stand ---

#: What it is; and addresses of other services that hold such a word.
_OF_TOPICS = {"shipped.py", "addresses/resources.py"}
#: AWS as a publisher, whose posts look alike whatever the digest makes of them.
_OF_PUBLISHER = {
    *("types/feeds.py", "types/sections.py", "config/taxonomy.py", "addresses/sites.py", "addresses/tracking.py"),
    *(f"classify/{name}.py" for name in ("model", "publisher", "training", "explain", "vectors")),
    *("classify/wording.py", "classify/features.py", "rank/record.py", "evaluate/candidates_file.py"),
    *("evaluate/groups.py", "rank/organisations.py", "rank/features.py", "shipped.py", "words/feeds.py"),
    # As the vendor of products, whose names the house style sets in bold.
    "digest/house/names.py",
    # In keys of feeds.
    "shipped_feeds.py",
    # As one whose blogs are proposed as its own, and of a wall before sites of others.
    *("feeds/discovery/proposal.py", "feeds/discovery/platforms.py", "feeds/hosts.py", "fetch/walls.py"),
}


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (r"cv|nlp|recsys|mlops|business/\w+", _OF_TOPICS),
        (r"ml substance|ai & ml|ai·ml", {"shipped.py"}),
        ("aws", _OF_PUBLISHER),
    ],
)
def test_words_of_the_shipped_taxonomy_stand_where_they_may(words: str, allowed: set[str]) -> None:
    root = Path(aggregator.__path__[0])
    files = [file for suffix in ("py", "html", "js") for file in root.rglob(f"*.{suffix}") if "data" not in file.parts]
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    found = {str(file.relative_to(root)) for file in files if pattern.search(file.read_text("utf-8"))}
    assert found == allowed
