"""What the classifier sees of a post: its words in Latin script, its Hangul, and marks for what is not wording.

The usual token pattern of vectorizers drops all Hangul or keeps whole eojeol, which hardly ever repeat; so Hangul goes
through character n-grams and the rest through words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from aggregator.types import Kind, Post
from aggregator.urls import host_of

#: Characters of the text that are read; a post says early what it is about.
READ_LIMIT = 1500

_HANGUL_RUN = re.compile(r"[가-힣]+")
_WORD = re.compile(r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*(?:[+#]+|(?:[-./][A-Za-z0-9]+)*)")

#: A cue counts as often as it is found, up to this.
_MOST_CUES = 3
# "How Northwind built …", found in words between single spaces.
_HOW_BUILT = re.compile(
    r" how (?:\S+ ){1,3}?(?:buil[dt]|us(?:e|es|ed)|improve[sd]?|scale[sd]?|leverage[sd]?|cut|detect\S*|migrat\S*) "
)


@cache
def _load_cues() -> dict[str, tuple[str, ...]]:
    """For each cue of ``data/cues.toml`` what to look for in text whose words stand between single spaces."""
    text = (resources.files("aggregator.classify") / "data" / "cues.toml").read_text("utf-8")
    return {f"cue:{name}": tuple(map(_read_term, terms)) for name, terms in tomllib.loads(text).items()}


def _read_term(term: str) -> str:
    if _HANGUL_RUN.search(term):
        return term
    return f" {term.removesuffix('*')}" if term.endswith("*") else f" {term} "


@dataclass(frozen=True, slots=True)
class Document:
    """A post as the vectorizers read it: three texts of space-separated pieces."""

    words: str
    hangul: str
    marks: str


def describe(
    *, title: str, text: str, host: str, organisation: str | None, tags: Sequence[str] = (), aws_blog: bool = False
) -> Document:
    """Take a post apart. The title is read twice, for it says most."""
    wording = " ".join((title, title, text[:READ_LIMIT], *tags))
    words = " ".join(_WORD.findall(wording)).lower()
    hangul = " ".join(_HANGUL_RUN.findall(wording))
    marks = [f"host:{host}"]
    if organisation:
        marks += ["organisation", f"org:{'_'.join(organisation.lower().split())}"]
    marks += _find_cues(f" {words} | {hangul} ")
    if aws_blog:
        marks += ["aws-blog"] * 2
    return Document(words=words, hangul=hangul, marks=" ".join(marks))


def _find_cues(text: str) -> list[str]:
    """The names of the cues in *text*, each as often as it is found. Counting plain strings is seven times as fast
    here as patterns of alternatives.
    """
    found = ["cue:case"] if _HOW_BUILT.search(text) else []
    for name, terms in _load_cues().items():
        times = 0
        for term in terms:
            times += text.count(term)
            if times >= _MOST_CUES:
                break
        found += [name] * min(times, _MOST_CUES)
    return found


def describe_post(post: Post) -> Document:
    return describe(
        title=post.title,
        text=post.text,
        host=host_of(post.url),
        organisation=post.organisation,
        tags=post.tags,
        aws_blog=is_aws_blog(post),
    )


def is_aws_blog(post: Post) -> bool:
    """Whether AWS itself publishes the post; only then can it belong to part 3."""
    return post.kind is Kind.AWS or host_of(post.url) == "aws.amazon.com"
