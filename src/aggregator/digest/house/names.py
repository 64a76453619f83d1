"""Marks the names of models and products in a title: known ones, and those that the title itself introduces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from aggregator.digest.house.casing import is_sentence_case
from aggregator.digest.house.phrases import Weighing
from aggregator.digest.house.runs import EASTERN, WORD
from aggregator.text.tables import load_table
from aggregator.types import Mark


class Name(NamedTuple):
    """A name, as it is usually written."""

    text: str
    mark: Mark
    #: Whether it is also an ordinary word.
    is_common: bool = False


class Found(NamedTuple):
    """A name in a title: its place, its form there, and the key that it is learned by."""

    start: int
    end: int
    text: str
    mark: Mark
    key: str
    #: How many printed titles mark it so.
    printed: int = 0


class Names:
    """Names by their first word."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._by_word: dict[str, list[Name]] = {}
        for name in names:
            if first := WORD.search(name.text):
                self._by_word.setdefault(_fold(first[0]), []).append(name)
        for alike in self._by_word.values():
            alike.sort(key=lambda name: len(name.text), reverse=True)

    def list_at(self, text: str, folded: str, start: int, word: str) -> Iterator[Name]:
        """List the names that stand at the beginning of a *word* of a title, *folded* to small letters; longest
        first.
        """
        for name in self._by_word.get(_fold(word), ()):
            end = start + len(name.text)
            is_here = folded.startswith(name.text.lower(), start) and _END.match(text, end)
            if is_here and _is_cased(name.text, text[start:end]):
                yield name


def _fold(word: str) -> str:
    # A version may be written to the name: Llama2.
    return word.casefold().rstrip("0123456789")


# Behind a name may stand a particle of Korean, or the digits of a version.
_END = re.compile(r"(?![^\W_가-힣\d]|_)")
_VERSION = r"[ -]?[vV]\d+(?:\.\d+)*|[ -]\d+(?:\.\d+)+"
# A version, a size, or a variant; of a model, a small number alone is a version, too.
_MORE = {
    Mark.PRODUCT: re.compile(rf"(?:{_VERSION})(?![^\W_가-힣]|\.\d)"),
    Mark.MODEL: re.compile(
        rf"(?:(?:{_VERSION}|[ -]?\d{{1,2}}|[ -]\d{{1,4}}(?:\.\d+)?[BMbm]|-(?:[A-Z]*\d[A-Z\d]*|XL|XXL|Chat|Instruct"
        r"|Turbo|Large|Base|Small|Tiny)|\sTurbo)(?![^\W_가-힣]|\.\d|[%,]\d|%))+"
    ),
}
_LONGEST_EXACT = 5


def _is_cased(name: str, text: str) -> bool:
    """Whether the case of a title agrees with a name: without a number, short names and names in capitals are
    words in other cases."""
    first, said = WORD.search(name), WORD.search(text)
    if not first or not said:
        return False
    form, word = first[0], said[0]
    if form[0].islower() or form == word or any(mark.isdigit() for mark in name):
        return True
    has_capitals = form[1:] != form[1:].lower()
    if has_capitals and (form.isupper() or len(form) <= _LONGEST_EXACT):
        return False
    return word != word.lower()


@cache
def load_names() -> Names:
    """Load the names that the project ships."""
    table = _load()
    marks = {"models": Mark.MODEL, "products": Mark.PRODUCT}
    names = [Name(text, mark) for key, mark in marks.items() for text in table[key]]
    names += [Name(text, mark, is_common=True) for key, mark in marks.items() for text in table[f"{key}_common"]]
    names += filter(None, map(_shorten, table["products"]))
    for vendor in ("", "Amazon "):
        names += [Name(f"{vendor}SageMaker {text}", Mark.PRODUCT) for text in ["", *table["sagemaker"]] if text]
    return Names([*names, Name("SageMaker", Mark.PRODUCT)])


def _shorten(text: str) -> Name | None:
    """A product of AWS without its vendor: EKS, Bedrock. Its name may be an ordinary word."""
    vendor, _, short = text.partition(" ")
    if vendor not in {"Amazon", "AWS"} or len(short) == 1:
        return None
    return Name(short, Mark.PRODUCT, is_common=short == short.capitalize() or short.count(" ") == 1)


@cache
def _load() -> dict[str, list[str]]:
    return load_table("aggregator.digest.house", "names")


@cache
def _list_plain() -> frozenset[str]:
    table = _load()
    return frozenset(name.lower() for name in [*table["plain"], *table["terms"]])


# --- finding ----------------------------------------------------------------------------------------------------------

_INTRODUCES = re.compile(
    r"(?:\b(?:with|using|via|on|introducing|meet|announcing|presenting|releasing)|🤗|hugging ?face)\s$", re.IGNORECASE
)
_BACK = 16
_NUMBERED = re.compile(r"\s?[vV]?\d")
_BEGINS = re.compile(r"(?:^|[:?!|]\s)$")


def find_names(text: str, learned: Names, weigh: Weighing) -> Iterator[Found]:
    """Find the known names in a title, from left to right, each with the version behind it; *weigh* says how a name is
    marked.
    """
    folded, place = text.lower(), 0
    # Latin words of a Korean title are mostly names.
    is_sentence = EASTERN.search(text) is not None or is_sentence_case(text)
    if len(folded) != len(text):
        return
    for word in WORD.finditer(text):
        start = word.start()
        if start < place:
            continue
        shipped = {name.text.lower(): name for name in load_names().list_at(text, folded, start, word[0])}
        others = {name.text.lower(): name for name in learned.list_at(text, folded, start, word[0])}
        for key, name in sorted((others | shipped).items(), key=lambda pair: len(pair[0]), reverse=True):
            end = _find_end(text, start, name)
            if not end or (name.is_common and not _is_meant(text, start, end, is_sentence)):
                continue
            mark, printed = weigh(key, shipped[key].mark if key in shipped else None)
            if mark is not None:
                yield Found(start, end, _spell(name.text, text[start:end]), Mark(mark), key, printed)
                place = end
                break


def _find_end(text: str, start: int, name: Name) -> int:
    """The end of a name with its version; 0 if the digits behind it are not a version."""
    end = start + len(name.text)
    if more := _MORE[name.mark].match(text, end):
        return more.end()
    return 0 if text[end : end + 1].isdigit() else end


def _is_meant(text: str, start: int, end: int, is_sentence: bool) -> bool:
    """Whether an ordinary word is a name here."""
    begins = _BEGINS.search(text[max(0, start - 2) : start]) is not None
    if _NUMBERED.match(text, end) or _INTRODUCES.search(text[max(0, start - _BACK) : start]):
        return True
    return (is_sentence and not begins) or (begins and text[end : end + 1] == ":")


def _spell(name: str, said: str) -> str:
    """The name as the title writes it; words in small letters as the name is usually written."""
    words = iter(WORD.findall(name))

    def spell(match: re.Match[str]) -> str:
        usual = next(words, "")
        # A title may end with a version that the name does not have.
        return usual if match[0].islower() and usual.lower() == match[0] else match[0]

    return WORD.sub(spell, said)


# --- names that a title introduces ------------------------------------------------------------------------------------

_PROPER = r"[A-Z0-9][\w.+-]*(?:\s[A-Z0-9][\w.+-]*){0,2}"
_VERBS = "(?:Introducing|Announcing|Meet|Presenting|Open[- ][Ss]ourcing|Releasing)"
_ANNOUNCED = re.compile(rf"{_VERBS}\s({_PROPER}|[a-z][\w.+-]*(?=[:,]|\s[-–—]\s))(?:[:,]\s|\s[-–—]\s|$)")
_HEADED = re.compile(rf"(?!{_VERBS}\b)({_PROPER}):\s")
_ACRONYM = re.compile(r"\s\(([A-Z][\w-]*)\)")
_MODEL = re.compile(
    r"\b(?:models?|modell?ing|transformers?|networks?|language model|LLMs?|LMs?|pre-?train(?:ing|ed))\b", re.I
)
_KINDS = re.compile(
    r"\b(?:(?P<product>librar(?:y|ies)|frameworks?|toolkits?|packages?|sdk|tools?|platforms?|engines?|systems?|compilers?"
    r"|runtimes?|databases?|services?|stores?|infrastructure|plugins?|pipelines?)"
    r"|(?P<model>models?|transformers?|networks?|generalist|agents?|(?:self-supervised|representation)\slearning))\b",
    re.IGNORECASE,
)
_ARTICLES = frozenset(["a", "an", "the", "our", "open", "open-source"])
_WITH = re.compile(
    r"\b(?:with|using|via)\s([A-Z][a-z]+(?:[A-Z][a-z]+)*)(?=$|[:,.?!]|\s(?:in|on|for|at|and)\s)(?!\sand\s[A-Z])"
)
_BRAND = re.compile(
    r"\b(?:Amazon|AWS|Apache|Azure|Google\sCloud)((?:\s[A-Z0-9][A-Za-z0-9]*(?!-(?!based|powered|backed|native)|\w))+)"
)


def find_introduced(text: str) -> Iterator[Found]:
    """Find names that are not known, by how an English title introduces them. They may overlap."""
    if EASTERN.search(text):
        return
    is_sentence = is_sentence_case(text)
    if match := _ANNOUNCED.match(text) or _HEADED.match(text):
        name, description = match[1], text[match.end() :]
        kind = _find_kind(description)
        is_described = kind and (description.split()[0].lower() in _ARTICLES or match.re is _ANNOUNCED)
        # Where all words are capitalised, several in a row say nothing.
        is_name = _is_coined(name) or (is_sentence if " " in name or not description else is_described)
        if is_name and _is_proper(name) and (kind or not description):
            yield _make(match, 1, kind or Mark.PRODUCT)
    for match in _ACRONYM.finditer(text):
        has_capitals = sum(letter.isupper() for letter in match[1]) > 1
        if (
            has_capitals
            and _is_proper(match[1])
            and (words := _spelled_out(text[: match.start()], match[1]))
            and _MODEL.search(words)
        ):
            yield _make(match, 1, Mark.MODEL)
    # Capitals say something only if other words have none.
    if is_sentence:
        for match in _WITH.finditer(text):
            if _is_proper(match[1]):
                yield _make(match, 1, Mark.PRODUCT)
        yield from filter(None, map(_find_branded, _BRAND.finditer(text)))


def _make(match: re.Match[str], group: int, mark: Mark) -> Found:
    start, end = match.span(group)
    return Found(start, end, match[group], mark, match[group].lower())


def _is_proper(name: str) -> bool:
    return _list_plain().isdisjoint(name.lower().split())


def _is_coined(name: str) -> bool:
    """Whether a name is not a word: it has capitals or digits inside."""
    inner = [mark for part in name.split("-") for mark in part[1:]]
    return " " not in name and any(mark.isupper() or mark.isdigit() for mark in inner)


def _find_kind(description: str) -> Mark | None:
    found = _KINDS.search(description)
    if found is None:
        return None
    return Mark.PRODUCT if found["product"] else Mark.MODEL


def _spelled_out(before: str, acronym: str) -> str:
    """The words before an acronym if it is made of their first letters, some of which may be left out."""
    letters = [letter.lower() for letter in acronym if letter.isupper()]
    words = WORD.findall(before)[-len(letters) - 2 :]
    initials = iter(word[0].lower() for word in words)
    return " ".join(words) if all(letter in initials for letter in letters) else ""


def _find_branded(match: re.Match[str]) -> Found | None:
    """A product behind the name of its vendor: the capitalised words up to the first that is not part of a name."""
    kept, stop = [], {name.lower() for name in _load()["not_products"]} | _list_plain()
    for word in match[1].split():
        if word.lower() in stop:
            break
        kept.append(word)
    if not kept:
        return None
    vendor = match[0][: match.start(1) - match.start()]
    text = " ".join([vendor, *kept])
    return Found(match.start(), match.start() + len(text), text, Mark.PRODUCT, text.lower())


# --- marking ----------------------------------------------------------------------------------------------------------


def mark_names(text: str, learned: Names, weigh: Weighing, *, is_whole: bool) -> Iterator[Found]:
    """The names in a title or a piece of it, from left to right; where some overlap, the longest. Some are left
    unmarked, because they are printed so.
    """
    candidates = list(find_names(text, learned, weigh))
    for name in find_introduced(text) if is_whole else ():
        mark, printed = weigh(name.key, name.mark)
        candidates.append(name._replace(mark=Mark(mark or ""), printed=printed))
    chosen: list[Found] = []
    taken = bytearray(len(text))
    for name in sorted(candidates, key=lambda one: (one.start - one.end, one.start)):
        if not any(taken[name.start : name.end]):
            taken[name.start : name.end] = b"\1" * (name.end - name.start)
            chosen.append(name)
    yield from sorted(chosen)
