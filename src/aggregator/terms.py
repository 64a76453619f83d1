"""The terms that a text is found by, and what somebody who searches asks for. Pure; both databases index these terms.

- Latin and other alphabets: words without regard to case and accents, English ones by their stem (Snowball).
- Hangul, Han and Kana, which are written without spaces or with particles: every character and every pair of
  neighbours, so that any stretch of a word finds it; and the pairs over a space, marked as such, for Korean compounds
  are written with it or without: 언어모델 and 언어 모델.
- Compounds such as GPT-3, k8s or fine-tuning: their parts, and each two neighbours joined (gpt3). GPT-3, GPT3 and
  GPT 3 meet in the joined ones.
- C++ and C#: the name with its signs.

What is asked for is taken apart in the same way, but only by what tells most: the pairs and the joined parts.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from aggregator.characters import clean

#: Changes whenever the same text would give other terms; what was indexed by another recipe is indexed again.
RECIPE = 3
#: Characters of what is asked for that are looked at.
LONGEST_QUERY = 400
# PostgreSQL takes lexemes of up to 2,046 bytes; a character has at most four.
_LONGEST_TERM = 60

# Kana, Bopomofo, Hangul as letters and as syllables, Han with its extensions.
_CJK = "々〇぀-ヿㄅ-ㆎㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿\U00020000-\U0003ffff"
_LETTERS = rf"[^\W\d_{_CJK}]"
_WORD = rf"[^\W_{_CJK}]"
_RUN = re.compile(f"[{_CJK}]+")
_OVER_SPACE = re.compile(f"([{_CJK}]) (?=([{_CJK}]))")
_PARTS = re.compile(rf"{_LETTERS}+|\d+")
_SIGNED = re.compile(rf"(?<!{_WORD})({_LETTERS}+\+\+|{_LETTERS}#(?!{_WORD}))")
# A part that another one follows: behind one of these signs, or where letters meet digits.
_JOINT = r"[-._/&'’]"
_COMPOUND = rf"(?<!{_WORD})(?:{_LETTERS}++(?:{_JOINT}|(?=\d)%s)|\d++(?:{_JOINT}|(?={_LETTERS})))+(?:{_LETTERS}+|\d+)"
_ASKED_COMPOUND = re.compile(_COMPOUND % "")
# In a text, a short number belongs to the word before it as well: GPT 4, Llama 2.
_TEXT_COMPOUND = re.compile(_COMPOUND % r"|[ ](?=\d{1,2}(?!\d))")
_STRETCH = re.compile(rf"[{_CJK}]+|{_WORD}+(?:{_JOINT}{_WORD}+)*(?:\+\+|#)?")
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
_local = threading.local()


def fold(text: str) -> str:
    """Without regard to case, accents, width, the way in which characters are composed, and to those that nobody sees;
    spaces are single.
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
    """Everything that a text is found by."""
    folded = fold(text)
    terms = {_name(part) for part in set(_PARTS.findall(folded))}
    terms.update(_SIGNED.findall(folded))
    for compound in set(_TEXT_COMPOUND.findall(folded)):
        terms.update(_list_joined(compound))
    for run in set(_RUN.findall(folded)):
        terms.update(run)
        terms.update(_list_pairs(run))
    terms.update(map(_pair_over_space, set(_OVER_SPACE.findall(folded))))
    return terms


#: Of these terms a text must have one.
Either = tuple[str, ...]


def list_asked(word: str, *, as_it_stands: bool = False) -> list[Either]:
    """What a text must have, one term of each, to hold what was asked for.

    What is asked for *as it stands* has its spaces where the text has them; else a compound may be parted by a space.
    """
    folded = fold(word)
    asked: list[Either] = []
    for run in _RUN.findall(folded):
        asked += [(pair,) for pair in _list_pairs(run)] if as_it_stands else _list_parted(run)
        if len(run) == 1:
            asked.append((run,))
    if as_it_stands:
        asked += [(_pair_over_space(pair),) for pair in _OVER_SPACE.findall(folded)]
    for compound in _ASKED_COMPOUND.findall(folded):
        asked += [(term,) for term in _list_joined(compound)]
    rest = _ASKED_COMPOUND.sub(" ", folded)
    asked += [(name,) for name in _SIGNED.findall(folded)]
    asked += [(_name(part),) for part in _PARTS.findall(_SIGNED.sub(" ", rest))]
    return list(dict.fromkeys(asked))


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

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.excluded or self.phrases or self.excluded_phrases)

    @property
    def needs_texts(self) -> bool:
        """Whether the texts must be looked at, beyond their terms."""
        return bool(self.phrases or self.excluded_phrases)

    def accepts(self, folded: str) -> bool:
        """Whether a folded text has the phrases it must have, and none that it must not."""
        return all(_holds(folded, phrase) for phrase in self.phrases) and not any(
            _holds(folded, phrase) for phrase in self.excluded_phrases
        )


def parse_query(text: str) -> Query:
    """Read ``words "a phrase" -excluded -"excluded phrase"``; other signs mean nothing, so that any text is a query."""
    terms: list[Either] = []
    excluded: list[tuple[Either, ...]] = []
    phrases: tuple[list[str], list[str]] = ([], [])
    if len(text) > LONGEST_QUERY:
        text = text[:LONGEST_QUERY].rpartition(" ")[0] or text[:LONGEST_QUERY]
    for minus, phrase, word in _PIECE.findall(text.translate(_QUOTES)):
        is_excluded = bool(minus) or (word.startswith("-") and len(word) > 1)
        asked = list_asked(phrase or word, as_it_stands=bool(phrase))
        if not asked:
            continue
        if phrase:
            phrases[is_excluded].append(fold(phrase))
        if not is_excluded:
            terms += asked
        elif not phrase:
            excluded.append(tuple(asked))
    return Query(tuple(dict.fromkeys(terms)), tuple(excluded), tuple(phrases[False]), tuple(phrases[True]))


def find_hits(text: str, query: Query) -> Iterator[tuple[int, int]]:
    """Where a text (NFC) holds what was asked for: from and to, in order, apart from each other."""
    asked = set(chain.from_iterable(query.terms))
    for match in _STRETCH.finditer(text):
        stretch = match[0]
        if _RUN.match(stretch):
            yield from _find_in_run(stretch, match.start(), asked)
        elif not asked.isdisjoint(list_terms(stretch)):
            yield match.span()


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


_TWO = re.compile(rf"{_WORD}{{2}}")


def _is_inside(around: str) -> bool:
    return _TWO.fullmatch(around) is not None


def _list_pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _list_parted(run: str) -> list[Either]:
    """The pairs of a run; those that have two characters or more on each side may be parted by a space."""
    pairs = _list_pairs(run)
    inside = range(1, len(pairs) - 1)
    return [(pair, _pair_over_space((pair[0], pair[1]))) if at in inside else (pair,) for at, pair in enumerate(pairs)]


def _pair_over_space(pair: tuple[str, str]) -> str:
    return "+".join(pair)


def _list_joined(compound: str) -> list[str]:
    parts = _PARTS.findall(compound)
    return [_name(first + second) for first, second in pairwise(parts)]


def _name(word: str) -> str:
    return stem_word(word[:_LONGEST_TERM]) if word.isascii() and word.isalpha() else word[:_LONGEST_TERM]


@lru_cache(maxsize=100_000)
def stem_word(word: str) -> str:
    # The stemmer keeps the word in itself while it works.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        # Imported late: it brings all its languages, and most commands read no text.
        import snowballstemmer

        stemmer = _local.stemmer = snowballstemmer.stemmer("english")
    stem: str = stemmer.stemWord(word)
    return stem or word


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
    of_titles = set().union(*map(list_terms, titles))
    return sorted({*of_titles, *map(mark_title, of_titles), *labels}.union(*map(list_terms, texts)))
