"""Titles as plain text. Pure.

What looks like a tag in a title is mostly part of its words: ``<think>``, ``List<T>``, "Loading <script> tags". So only
certain markup is removed: formatting tags in pairs, pictures, line breaks inside a line. Names and tags of posts are
read in the same way. ``docs/decisions/text.md`` has the cases.
"""

from __future__ import annotations

import re
from html.entities import html5

from aggregator.text.html import CDATA_END, join_halves, normalise, open_cdata, unescape

# A tag as people write it. A quoted value ends before the next tag, so that no character is read twice.
_TAG = re.compile(r"""<(/?)([A-Za-z][\w:.-]*+)((?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+)>""", re.ASCII)
_BLOCK = re.compile(r"blockquote|center|div|h[1-6]|li|ol|p|pre|ul")
_BREAKS = {"br": " ", "wbr": ""}
_FORMULA = re.compile(
    r"m(?:action|ath|enclose|frac|i|multiscripts|n|o|over|padded|phantom|root|row|s|space|sqrt|style|sub|subsup|sup|table"
    r"|td|text|tr|under|underover)|semantics"
)
# Removed with their content: pictures, and second forms of a formula.
_HIDING = re.compile(r"svg|annotation(?:-xml)?")
_FORMATTING = re.compile(
    r"a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|figure|font|i|ins|kbd|mark|nobr|picture|q|r[pt]|ruby|s|samp|small|span|strike"
    rf"|strong|su[bp]|tt|u|var|{_BLOCK.pattern}|{_FORMULA.pattern}|{_HIDING.pattern}"
)
_SOURCE = re.compile(r"\s(?:data-)?src(?:set)?\s*=")
# Between two tags that the title mentions: "<s> and </s>". Without the last space it is an emphasised "and".
_CONJUNCTION = re.compile(r"\s*(?:and|or|vs\.?|to|와|과|및|또는|또|나|[&,/·~|+-]|…|\.{3})\s+", re.IGNORECASE)
_LONGEST_CONJUNCTION = 20
# Only certain references: "Q&A", "cats&notdogs" and "AT&T" are words.
_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);", re.ASCII)
# Escaped once too often.
_TWICE = re.compile(r"&amp;(?:\w+|#\d+|#[xX][0-9a-fA-F]+);")


def plain_title(markup: str) -> str:
    """A title of RSS, which may be text, HTML or HTML that was escaped once more, as plain text on one line.

    Empty if nothing in it is visible.
    """
    if "<" not in markup and "&" not in markup and CDATA_END not in markup:
        return normalise(markup)
    text, has_markup = _cut_formatting(open_cdata(markup))
    is_twice = _TWICE.search(text)
    text = _resolve(text)
    if is_twice:
        text = _resolve(text)
    if not has_markup:
        # Next to real tags, escaped ones are words.
        text, _ = _cut_formatting(open_cdata(text))
    return normalise(text)


def plain_title_of_text(text: str) -> str:
    """Return the same for a title that its feed declares to be text, without markup or references."""
    return normalise(open_cdata(text))


def plain_title_of_xhtml(markup: str) -> str:
    """Return the same for a title that was parsed as XHTML and serialised: every tag in it is markup."""
    text, _ = _cut(markup, _list_all_tags(markup))
    return normalise(_resolve(text))


def _resolve(text: str) -> str:
    return _REFERENCE.sub(_resolve_one, join_halves(text)) if "&" in text else text


def _resolve_one(reference: re.Match[str]) -> str:
    # html.unescape would resolve the beginning of an unknown name.
    return unescape(reference[0]) if reference[0][1] == "#" else html5.get(reference[0][1:], reference[0])


def _cut_formatting(text: str) -> tuple[str, bool]:
    """The text without its markup, and whether there was any."""
    if "<" not in text:
        return text, False
    text = text.strip()
    return _cut(text, _list_markup(text))


def _cut(text: str, spans: list[tuple[int, int, str]]) -> tuple[str, bool]:
    """The text with each of these spans replaced, and whether there are any; of nested spans the outer counts."""
    pieces, place = [], 0
    for start, end, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= place:
            pieces += [text[place:start], instead]
            place = end
    return "".join([*pieces, text[place:]]), bool(spans)


def _list_markup(text: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    waiting: dict[str, list[re.Match[str]]] = {}
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if not _FORMATTING.fullmatch(name):
            if _is_picture(name, tag[3]) or (name in _BREAKS and not _stands_alone(text, tag)):
                found.append((*tag.span(), _BREAKS.get(name, "")))
        elif _FORMULA.fullmatch(name) and tag[3].endswith("/"):
            found.append((*tag.span(), ""))
        elif not tag[1]:
            waiting.setdefault(name, []).append(tag)
        elif waiting.get(name):
            found += _list_pair(text, waiting[name].pop(), tag)
    return found


def _list_pair(text: str, opening: re.Match[str], closing: re.Match[str]) -> list[tuple[int, int, str]]:
    name = opening[2].lower()
    if _HIDING.fullmatch(name):
        return [(opening.start(), closing.end(), "")]
    if not opening[3].strip() and _are_named(text, opening, closing):
        return []
    instead = " " if _BLOCK.fullmatch(name) else ""
    return [(*opening.span(), instead), (*closing.span(), instead)]


def _are_named(text: str, opening: re.Match[str], closing: re.Match[str]) -> bool:
    """Whether the title mentions a pair of tags: "What <s> and </s> mean"."""
    start, end = opening.end(), closing.start()
    if start < end <= start + _LONGEST_CONJUNCTION and _CONJUNCTION.fullmatch(text, start, end):
        return True
    is_whole = not opening.start() and closing.end() == len(text)
    return not is_whole and _stands_alone(text, opening) and _stands_alone(text, closing)


def _stands_alone(text: str, tag: re.Match[str]) -> bool:
    """Whether a tag is a word of its own: on each side is a space or nothing."""
    before, after = text[tag.start() - 1 : tag.start()] if tag.start() else " ", text[tag.end() : tag.end() + 1] or " "
    return before.isspace() and after.isspace()


def _is_picture(name: str, attributes: str) -> bool:
    return name in {"img", "source"} and _SOURCE.search(attributes) is not None


def _list_all_tags(markup: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    hiding: list[re.Match[str]] = []
    for tag in _TAG.finditer(markup):
        name = tag[2].lower().rpartition(":")[2]
        if _HIDING.fullmatch(name) and not tag[3].endswith("/"):
            if not tag[1]:
                hiding.append(tag)
            elif hiding:
                found.append((hiding.pop().start(), tag.end(), ""))
        found.append((*tag.span(), " " if _BLOCK.fullmatch(name) else _BREAKS.get(name, "")))
    return found
