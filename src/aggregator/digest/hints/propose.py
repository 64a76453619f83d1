"""Proposes pieces of a note from what is stored of a post."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, groupby

from aggregator.digest.escape import escape_text
from aggregator.digest.hints.links import write_links
from aggregator.digest.hints.sentences import Sentence, choose, is_usual_section, read_sentences
from aggregator.text.paragraphs import IN_LIST, ITEM, Paragraph
from aggregator.text.tokens import HANGUL
from aggregator.types import Hint, HintCue, HintKind, Post

#: Hints that are proposed at most, and sentences among them.
MOST = 6
_MOST_SENTENCES = 3
_LEAST_STEPS, _MOST_STEPS, _LONGEST_STEP = 2, 8, 80
_LEAST_NAMES, _MOST_NAMES = 2, 6
#: Characters of the text that are read.
_LONGEST = 40_000

_CIRCLED = "①②③④⑤⑥⑦⑧"
_NUMBER = re.compile(
    r"(?:(?:step|part|chapter)\s?\d{1,2}|\d{1,2}(?:\.\d{1,2}){1,2}(?=[\s.)])|\d{1,2}(?=[.)])(?!\.\d)|[①-⑳]|\d\ufe0f?\u20e3)\s*+[.):\-–—]*+\s*+",
    re.IGNORECASE,
)
_HANGUL = re.compile(f"[{HANGUL}]")
_IN_LISTS = {ITEM, IN_LIST}


def propose_hints(
    post: Post, paragraphs: Sequence[Paragraph], named: Mapping[str, str], parts: str | None = None
) -> tuple[Hint, ...]:
    """Propose at most six pieces of a note, in the order in which the digest's notes present them.

    *paragraphs* are those of the post, *named* the words of its links by their addresses, and *parts* is the note that
    leads to earlier parts of its series.
    """
    paragraphs = _cut(paragraphs)
    language = "ko" if post.language == "ko" else "en"
    sentences = read_sentences(post.title, paragraphs)
    links = write_links(post.links, named, site=post.url, organisation=post.organisation, language=language)
    lines = {
        HintKind.PARTS: parts or "",
        HintKind.STEPS: _number(_list_steps(paragraphs)),
        HintKind.NAMES: escape_text(", ".join(_list_names(post.title, sentences))),
        HintKind.LINKS: links,
    }
    hints = [Hint(kind, text, _tell_language(text, post)) for kind, text in lines.items() if text]
    for one in choose(sentences, min(_MOST_SENTENCES, MOST - len(hints))):
        is_result = {HintCue.FIGURES, HintCue.OUTCOME} & one.why.keys() and HintCue.PURPOSE not in one.why
        kind = HintKind.RESULT if is_result else HintKind.IDEA
        hints.append(Hint(kind, escape_text(one.text), _tell_language(one.text, post), tuple(one.why.items())))
    order = list(HintKind)
    return tuple(sorted(hints, key=lambda hint: order.index(hint.kind)))


def add_hint(note: str, text: str) -> str:
    """The note with a hint behind it; *note* is kept byte for byte."""
    return f"{note} {text}" if note and not note[-1].isspace() else note + text


def _cut(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    kept, left = [], _LONGEST
    for one in paragraphs:
        if left <= 0:
            break
        kept.append(one._replace(text=one.text[:left]))
        left -= len(one.text)
    return kept


def _tell_language(text: str, post: Post) -> str:
    if _HANGUL.search(text):
        return "ko"
    return post.language if post.language != "ko" else "en"


# --- steps ------------------------------------------------------------------------------------------------------------


def _list_steps(paragraphs: Sequence[Paragraph]) -> list[str]:
    """The headings of the first level that has several, the numbered ones if these are several; else the first numbered
    list.
    """
    headings = [one for one in paragraphs if one.kind.startswith("h") and not is_usual_section(_strip(one.text))]
    levels = ([one.text for one in headings if one.kind == f"h{level}"] for level in range(1, 7))
    headed = (texts for level in levels for texts in (list(filter(_NUMBER.match, level)), level))
    listed = (
        [one.text for one in run if one.kind == ITEM]
        for is_list, run in groupby(paragraphs, key=lambda one: one.kind in _IN_LISTS)
        if is_list
    )
    return next(filter(_are_steps, (list(map(_strip, texts)) for texts in chain(headed, listed))), [])


def _strip(text: str) -> str:
    number = _NUMBER.match(text)
    return text[number.end() if number else 0 :].rstrip(" .:")


def _are_steps(texts: Sequence[str]) -> bool:
    return _LEAST_STEPS <= len(texts) <= _MOST_STEPS and all(0 < len(text) <= _LONGEST_STEP for text in texts)


def _number(steps: Sequence[str]) -> str:
    return " ".join(f"{sign} {escape_text(text)}" for sign, text in zip(_CIRCLED, steps, strict=False))


# --- names ------------------------------------------------------------------------------------------------------------


def _list_names(title: str, sentences: Sequence[Sentence]) -> list[str]:
    """The names that the post has most often, in its order, without those of its title."""
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    said = title.lower()
    for one in sentences:
        for name in one.names:
            if name.text.lower() not in said:
                spelled.setdefault(name.key, name.text)
                counts[name.key] += 1
    most = {key for key, _ in counts.most_common(_MOST_NAMES)}
    return [text for key, text in spelled.items() if key in most] if len(most) >= _LEAST_NAMES else []
