"""Wording that tells what sort of post it is: first-hand, an announcement, a round-up, an event. Pure."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from aggregator.types import Post

#: Characters of the text that are read beside the title: the first sentences say what a post wants to be.
_READ = 200

_SIGNS = re.compile(r"[^\w가-힣]+")


def find_cues(post: Post) -> dict[str, tuple[str, int]]:
    """For each sort that the wording of a post speaks for, the first cue as it was found, and how many there are.

    Only the title is looked at for announcements, round-ups and events: any post may mention one in its text.
    """
    title = f"^ {_spread(post.title)} "
    whole = f"{title}| {_spread(post.text[:_READ])} "
    found: dict[str, tuple[str, int]] = {}
    for sort, pattern in _load_patterns().items():
        hits = pattern.findall(whole if sort == "first_hand" else title)
        if hits:
            found[sort] = (hits[0].strip(" ^"), len(set(hits)))
    return found


def _spread(text: str) -> str:
    return _SIGNS.sub(" ", text.lower()).strip()


@cache
def _load_patterns() -> dict[str, re.Pattern[str]]:
    """One pattern of alternatives for each sort, to be found in small words between single spaces."""
    text = (resources.files("aggregator.rank") / "data" / "cues.toml").read_text("utf-8")
    return {sort: re.compile("|".join(map(_make_pattern, terms))) for sort, terms in tomllib.loads(text).items()}


def _make_pattern(term: str) -> str:
    if re.search("[가-힣]", term):
        return re.escape(term)
    body = re.escape(term.removeprefix("^")).replace(r"\*", r"\w*").replace(r"\ ", " ")
    return rf"(?:^\^| ) ?{body}(?= )" if not term.startswith("^") else rf"^\^ {body}(?= )"
