"""The terms that a text is found by, and what somebody who searches asks for. Pure; both databases index these terms.

- Latin and other alphabets: words without regard to case and accents, English ones by their stem (Snowball).
- Hangul, Han and Kana, which are written without spaces or with particles: every character and every pair of
  neighbours, so that any stretch of a word finds it; and the pairs over a space, marked as such, for Korean compounds
  are written with it or without: 언어모델 and 언어 모델.
- Compounds such as GPT-3, k8s or fine-tuning: their parts, and each two neighbours joined (gpt3). GPT-3, GPT3 and
  GPT 3 meet in the joined ones, and so do DeepSeek-R1 and DeepSeek R1, YOLOv8 and YOLO v8.
- Two words that make a name or a subject, joined: Hugging Face is found by huggingface.
- C++ and C#: the name with its signs.

A query is split in the same way, but only into the most specific terms: the pairs and the joined parts. The text may
have two of its words as one: fine tuning finds finetuning. Words with a hyphen, fine-tuning, must be adjacent there.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, takewhile

from aggregator.text.characters import clean
from aggregator.text.tokens import CJK, LETTER, RUN, WORD, compile_token, list_grams, stem_word

#: Changes whenever the same text would give other terms; what was indexed by another recipe is indexed again.
RECIPE = 4
#: Characters of what is asked for that are looked at.
LONGEST_QUERY = 400
# PostgreSQL takes lexemes of up to 2,046 bytes; a character has at most four.
_LONGEST_TERM = 60
# In shorter texts all adjacent words are joined, as in titles.
_SHORT_TEXT = 200

_OVER_SPACE = re.compile(f"([{CJK}]) (?=([{CJK}]))")
_PARTS = compile_token(alphabets=True, apart=True, cjk="left out")
_SIGNED = re.compile(rf"(?<!{WORD})({LETTER}+\+\+|{LETTER}#(?!{WORD}))")
# A part that another one follows: behind one of these signs, or where letters meet digits.
_HYPHENS = "-_‐‑–−"
_JOINT = rf"[{_HYPHENS}./&'’]"
_COMPOUND = rf"(?<!{WORD})(?:{LETTER}++(?:{_JOINT}|(?=\d)%s)|\d++(?:{_JOINT}|(?={LETTER})))+(?:{LETTER}+|\d+)"
_ASKED_COMPOUND = re.compile(_COMPOUND % "")
# In a text, a short number or a version also belongs to the word before it: GPT 4, DeepSeek R1.
_TEXT_COMPOUND = re.compile(_COMPOUND % rf"|[ ](?={LETTER}\d|\d{{1,2}}(?!\d))")
# Between a name and a version, which may be written as one word.
_BEFORE_VERSION = re.compile(rf"(?<={LETTER}{{2}})(?:{_JOINT}|[ ])(?={LETTER}\d)")
# A name with the version behind it: YOLOv8.
_VERSIONED = re.compile(rf"(?<!{LETTER})({LETTER}++)(?<={LETTER}{{3}}v)(\d+)")
# Hyphens that may be spaces in the text: fine-tuning, GPT-4-turbo, Llama-3-8B; not in GPT-4, DeepSeek-R1, e-mail.
_PARTING = re.compile(
    rf"(?:(?<={WORD}{{2}})|(?<=\d))[{_HYPHENS}](?:(?={LETTER}{{2}})|(?<=\d.)(?={LETTER}\d|\d+{LETTER}))"
)
# The first and the second of two words that may be written as one.
_FIRST = re.compile(rf"{LETTER}{{2,}}")
_SECOND = re.compile(rf"{LETTER}{{2,}}\d*|{LETTER}\d+")
_SPACED = re.compile(rf"(?<!{WORD})({LETTER}++) (?=({LETTER}++))")
_NAMED = re.compile(rf"(?<!{WORD})([A-Z]{LETTER}*+) (?=([A-Z]{LETTER}*+))")
# These are never joined with another word.
_LINKING = frozenset(
    ["a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to", "with"]
)  # fmt: skip
# A loan word on -ow, which is written with its 우 or without: 플로우, 윈도우.
_ENDS_ON_OW = re.compile(".[고노도로모보소오조초코토포호쇼]우")
_STRETCH = re.compile(rf"[{CJK}]+|{WORD}+(?:{_JOINT}{WORD}+)*(?:\+\+|#)?")
_PIECE = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_QUOTES = str.maketrans("“”„«»", '"""""')


def _list_accents() -> dict[int, str | None]:
    """Letters with their accents → without; the accents alone → nothing."""
    table: dict[int, str | None] = dict.fromkeys(range(0x300, 0x370))
    for code in (*range(0xC0, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000)):
        plain = "".join(mark for mark in unicodedata.normalize("NFD", chr(code)) if not 0x300 <= ord(mark) < 0x370)
        if plain and plain != chr(code):
            table[code] = plain
    return table


_ACCENTS = _list_accents()
# Few texts have any, and looking each character up in a table is slow. Ranges are compiled in no time.
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u03ff\u1e00-\u1fff]")


def fold(text: str) -> str:
    """The text without differences of case, accents, width and composition, without invisible characters, and with
    single spaces.
    """
    if text.isascii():
        text = text.lower()
    else:
        text = clean(text, "NFKC").casefold()
        if _ACCENTED.search(text):
            text = text.translate(_ACCENTS)
    # Of all white space only the plain one is printable; stored texts have single ones already.
    return text.strip(" ") if text.isprintable() and "  " not in text else " ".join(text.split())


def list_terms(text: str) -> set[str]:
    """What a text is found by, except joined words."""
    return _list_terms(fold(text))


def list_title_terms(title: str) -> set[str]:
    """Everything that a title is found by."""
    folded = fold(title)
    return _list_terms(folded) | _join_all(set(_SPACED.findall(folded)))


def list_text_terms(text: str) -> set[str]:
    """Everything that a text is found by. In a long one, adjacent words are joined if they begin with capitals or occur
    twice: joining all of them would double the index.
    """
    if len(text) < _SHORT_TEXT:
        return list_title_terms(text)
    folded = fold(text)
    named = {(fold(first), fold(second)) for first, second in set(_NAMED.findall(text))}
    counted = Counter(_SPACED.findall(folded))
    twice = {pair for pair, count in counted.items() if count > 1}
    return _list_terms(folded) | _join_all(named | twice)


def _list_terms(folded: str) -> set[str]:
    terms = {_name(part) for part in set(_PARTS.findall(folded))}
    terms.update(_SIGNED.findall(folded))
    for compound in set(_TEXT_COMPOUND.findall(folded)):
        terms.update(_list_joined(compound))
        if _BEFORE_VERSION.search(compound):
            terms.update(_list_joined(_BEFORE_VERSION.sub("", compound)))
    for name, number in set(_VERSIONED.findall(folded)):
        terms.update((_name(name[:-1]), _name(f"v{number}")))
    for run in set(RUN.findall(folded)):
        terms.update(run)
        terms.update(list_grams(run, 2))
    terms.update(map(_pair_over_space, set(_OVER_SPACE.findall(folded))))
    return terms


def _join_all(neighbours: set[tuple[str, str]]) -> set[str]:
    return {_name("".join(pair)) for pair in neighbours if _LINKING.isdisjoint(pair)}


#: Of these terms a text must have one.
Either = tuple[str, ...]


def list_asked(words: str, *, as_it_stands: bool = False) -> list[Either]:
    """What a text must have, one term of each, to hold what was asked for.

    With *as_it_stands*, spaces must be where the text has them; else a compound may have a space in it, and two words
    may be written as one.
    """
    folded = fold(words)
    if as_it_stands:
        over_spaces = [(_pair_over_space(pair),) for pair in _OVER_SPACE.findall(folded)]
        return list(dict.fromkeys(chain(_list_asked_runs(folded, may_part=False), over_spaces, _list_strict(folded))))
    asked = list(_list_asked_runs(folded, may_part=True))
    apart = _PARTING.sub(" ", folded).split(" ")
    joined = [_join_asked(*pair) for pair in pairwise(["", *apart, ""])]
    for word, before, after in zip(apart, joined, joined[1:], strict=False):
        asked += [tuple(dict.fromkeys((*either, *before, *after))) for either in _list_strict(word)]
    return list(dict.fromkeys(asked))


def _list_asked_runs(folded: str, *, may_part: bool) -> Iterator[Either]:
    for run in RUN.findall(folded):
        yield from _list_parted(run) if may_part else ((pair,) for pair in list_grams(run, 2))
        if len(run) == 1:
            yield (run,)


def _list_strict(folded: str) -> Iterator[Either]:
    """What is asked for as it is written, without the runs."""
    for compound in _ASKED_COMPOUND.findall(folded):
        yield from ((term,) for term in _list_joined(_BEFORE_VERSION.sub("", compound)))
    rest = _ASKED_COMPOUND.sub(" ", folded)
    yield from ((name,) for name in _SIGNED.findall(folded))
    yield from ((_name(part),) for part in _PARTS.findall(_SIGNED.sub(" ", rest)))


def _join_asked(first: str, second: str) -> Either:
    """The terms of two words that are written as one."""
    if not (_FIRST.fullmatch(first) and _SECOND.fullmatch(second)):
        return ()
    return tuple(either[0] for either in _list_strict(first + second))


def _list_excluded(word: str) -> list[Either]:
    """What a word excludes: one with a hyphen does not exclude texts that hold its parts separately."""
    folded = fold(word)
    return list(dict.fromkeys(chain(_list_asked_runs(folded, may_part=True), _list_strict(folded))))


def _list_hyphened(word: str) -> Iterator[str]:
    """Patterns that find the words around a hyphen next to each other in a folded text, in any form."""
    for first, second in pairwise(_PARTING.split(fold(word))):
        before, after = (_find_root(_PARTS.findall(part)[at]) for part, at in ((first, -1), (second, 0)))
        yield f"{before}{WORD}{{0,12}}(?:{_JOINT}| )?{after}"


def _find_root(word: str) -> str:
    """What all forms of a word begin with."""
    pairs = zip(word, _name(word), strict=False)
    root = "".join(mark for mark, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return root[:-1] if len(root) > 3 and root.endswith("e") else root


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asks for: all words and phrases, and none of those excluded."""

    #: Of the words and of the phrases; a text must have one term of each.
    terms: tuple[Either, ...] = ()
    #: A text is left out when it has one term of each in one of these.
    excluded: tuple[tuple[Either, ...], ...] = ()
    #: Folded; the text must hold them as they stand. Databases cannot tell that from the terms.
    phrases: tuple[str, ...] = ()
    excluded_phrases: tuple[str, ...] = ()
    #: Patterns of words that must be adjacent in the folded text.
    hyphened: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.excluded or self.phrases or self.excluded_phrases)

    @property
    def needs_texts(self) -> bool:
        """Whether the texts must be looked at, beyond their terms."""
        return bool(self.phrases or self.excluded_phrases or self.hyphened)

    def accepts(self, folded: str) -> bool:
        """Whether a folded text has the phrases it must have, and none that it must not."""
        return (
            all(_holds(folded, phrase) for phrase in self.phrases)
            and not any(_holds(folded, phrase) for phrase in self.excluded_phrases)
            and all(re.search(pattern, folded) for pattern in self.hyphened)
        )


def parse_query(text: str) -> Query:
    """Read ``words "a phrase" -excluded -"excluded phrase"``; other signs mean nothing, so that any text is a query."""
    plain: list[str] = []
    terms: list[Either] = []
    excluded: list[tuple[Either, ...]] = []
    phrases: tuple[list[str], list[str]] = ([], [])
    text = clean(text)
    if len(text) > LONGEST_QUERY:
        text = text[:LONGEST_QUERY].rpartition(" ")[0] or text[:LONGEST_QUERY]
    for minus, phrase, word in _PIECE.findall(text.translate(_QUOTES)):
        is_excluded = bool(minus) or (word.startswith("-") and len(word) > 1)
        if phrase and (asked := list_asked(phrase, as_it_stands=True)):
            phrases[is_excluded].append(fold(phrase))
            terms += [] if is_excluded else asked
        elif is_excluded and (asked := _list_excluded(word)):
            excluded.append(tuple(asked))
        elif not is_excluded:
            plain.append(word)
    terms += list_asked(" ".join(plain))
    hyphened = chain.from_iterable(map(_list_hyphened, plain))
    return Query(
        terms=tuple(dict.fromkeys(terms)),
        excluded=tuple(excluded),
        phrases=tuple(phrases[False]),
        excluded_phrases=tuple(phrases[True]),
        hyphened=tuple(dict.fromkeys(hyphened)),
    )


_NO_TERMS: Set[str] = frozenset()


def _list_terms_of_word(word: str) -> Set[str]:
    return _recall_terms(word) if len(word) <= _LONGEST_TERM else list_terms(word)


@lru_cache(maxsize=4096)
def _recall_terms(word: str) -> frozenset[str]:
    # The texts of a page of results have many words in common.
    return frozenset(list_terms(word))


def find_hits(text: str, query: Query) -> Iterator[tuple[int, int]]:
    """Where a text (NFC) holds what was asked for: from and to, in order, apart from each other."""
    asked = set(chain.from_iterable(query.terms))
    last, known, is_hit = None, _NO_TERMS, False
    for match in _STRETCH.finditer(text):
        is_run = bool(RUN.match(match[0]))
        terms = _NO_TERMS if is_run else _list_terms_of_word(match[0])
        is_next = not asked.isdisjoint(terms)
        if last and not is_run and text[last.end() : match.start()] == " ":
            # Two words that the query has as one.
            joined = asked.intersection(_list_terms_of_word(last[0] + match[0])) - known - terms
            is_hit, is_next = is_hit or bool(joined), is_next or bool(joined)
        if last and is_hit:
            yield last.span()
        if is_run:
            yield from _find_in_run(match[0], match.start(), asked)
        last, known, is_hit = (None, terms, False) if is_run else (match, terms, is_next)
    if last and is_hit:
        yield last.span()


def _find_in_run(run: str, start: int, asked: set[str]) -> Iterator[tuple[int, int]]:
    marked = [character in asked for character in run]
    for place in range(len(run) - 1):
        if run[place : place + 2] in asked:
            marked[place] = marked[place + 1] = True
    for found in re.finditer("1+", "".join("01"[mark] for mark in marked)):
        yield start + found.start(), start + found.end()


def _holds(folded: str, phrase: str) -> bool:
    """Whether a phrase stands in a text, not as part of longer words of an alphabet."""
    place = folded.find(phrase)
    while place >= 0:
        end = place + len(phrase)
        before, after = folded[max(0, place - 1) : place + 1], folded[end - 1 : end + 1]
        if not (_is_inside(before) or _is_inside(after)):
            return True
        place = folded.find(phrase, place + 1)
    return False


_TWO = re.compile(rf"{WORD}{{2}}")


def _is_inside(around: str) -> bool:
    return _TWO.fullmatch(around) is not None


def _list_parted(run: str) -> list[Either]:
    """The pairs of a run; those that have two characters or more on each side may be parted by a space."""
    pairs = list_grams(run, 2)
    inside = range(1, len(pairs) - 1)
    parted: list[Either] = [
        (pair, _pair_over_space(pair)) if at in inside else (pair,) for at, pair in enumerate(pairs)
    ]
    if _ENDS_ON_OW.fullmatch(run[-3:]):
        parted[-1] = (*parted[-1], *parted[-2])
    return parted


def _pair_over_space(pair: Sequence[str]) -> str:
    return "+".join(pair)


def _list_joined(compound: str) -> list[str]:
    parts = _PARTS.findall(compound)
    return [_name(first + second) for first, second in pairwise(parts)]


def _name(word: str) -> str:
    return stem_word(word[:_LONGEST_TERM]) if word.isascii() and word.isalpha() else word[:_LONGEST_TERM]


#: What marks the terms of a title, and what parts the name of a label from its value; no term of a text has either.
_OF_TITLE = "="
_LABEL = ":"
_SIGN = re.compile(r"[^\w.-]")


def mark_title(term: str) -> str:
    """The term as a title has it, beside the plain one."""
    return _OF_TITLE + term


def make_label(name: str, value: str) -> str:
    """A term that says something of the whole text: its month, its section. Signs in the value are not told apart."""
    return f"{name}{_LABEL}{_SIGN.sub('_', fold(value))}"


def list_document_terms(titles: Iterable[str], texts: Iterable[str], labels: Iterable[str]) -> list[str]:
    """All terms of a document, sorted."""
    of_titles = set[str]().union(*map(list_title_terms, titles))
    return sorted({*of_titles, *map(mark_title, of_titles), *labels}.union(*map(list_text_terms, texts)))
