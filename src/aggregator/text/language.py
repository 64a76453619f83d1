"""Finds whether a text is in Korean, English or another language, by its script and its common words. Pure.

Hangul decides by itself, and so do letters of other scripts than Latin. In Latin script, the words that every sentence
needs decide. If the text is not clear, the language that the feed declares is used. Code must not be in the text: it is
English in any language (docs/decisions/text.md has what was measured, and why no library does this).
"""

from __future__ import annotations

import re

from aggregator.text.tokens import HANGUL, compile_token

#: Characters that are enough to find the language.
SAMPLE = 300
#: A language that is neither Korean nor English, and that the feed does not declare (BCP 47).
UNKNOWN = "und"

_HANGUL = re.compile(f"[{HANGUL}]+")
_KANA = re.compile("[ぁ-ゟ゠-ヿ]+")
_HAN = re.compile("[㐀-䶿一-鿿豈-﫿]+")
# Beyond Latin with its accents, and the dashes and quotes that every script uses.
_FOREIGN = re.compile("[^\x00-\u024f\u1e00-\u1eff\u2000-\u20cf]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_TOKEN = compile_token(cjk="letters")
# With this share of Hangul among its letters, a text full of English names is Korean.
_KOREAN_SHARE = 0.2
_DECLARED_SHARE = 0.05
_KANA_SHARE = 0.1
_HAN_SHARE = 0.2
_SCRIPT_SHARE = 0.5

# Latin letters in a feed of these are English, as a rule.
_NOT_LATIN_CODES = "ko ja zh ar be bg bn el fa he hi hy ka kk mk mn ru sr ta te th uk ur"

# The commonest words of two letters and more.
_ENGLISH_WORDS = (
    "the of and to in is that for it with as was on are by this be from or an at we how your our what why not have has "
    "can more you their which its will when using into about these they no do so up me he she all but if"
)
# The same of German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Finnish, Polish, Czech, Turkish,
# Vietnamese, Indonesian, Hungarian and Romanian, without what is a word in English too.
_OTHER_WORDS = """
    der die und das von zu mit ist des für im dem nicht ein eine auf als auch es werden aus er dass sie nach wird
    bei einer um sind noch wie einem über zum haben nur oder aber vor zur bis mehr durch sein wurde sei ich wir le
    de la les et en un du une est que dans pour qui pas sur ne se ce il sont avec ou aux cette nous vous être mais
    comme leur ses ces été fait el los del las por una su para al lo como más pero sus si sobre este entre cuando
    todo esta ser también di che della non da dei sono più anche gli nel alla delle dal questo degli ed ci nella
    em com não uma os na dos mas ao ele seu sua quando muito nos já também só pelo pela até isso ela são você het
    een dat op zijn voor niet aan om ook dan maar bij uit nog naar heeft ze wordt hij kan werd deze worden och att
    det som på är av för med har inte ett jag sig från vi så nu när ska eller också vid efter under og til af ikke
    fra jeg også blev skal ved ja ei että oli hän joka mutta kun niin kuin ovat myös tai sen voi olla jos mukaan
    vain ole sitä nie się że jest jak po za od co dla przez tym ale są być tego lub oraz tylko czy jego które może
    już przy je že jako ve který jsou jeho bylo také jsme podle kde být bir bu için ile olarak daha çok olan gibi
    kadar sonra ama göre her değil và của là có cho không các được trong một những với người để này khi đã đến từ
    ra về như cũng yang ini dengan untuk dari dalam tidak pada itu adalah akan ke juga oleh atau sebagai bisa kami
    az és hogy nem egy ez csak meg már volt még vagy után szerint azt lehet și în cu pe că din pentru mai sau ca
    prin sunt dar
"""
_NOT_LATIN, _ENGLISH, _OTHERS = (frozenset(said.split()) for said in (_NOT_LATIN_CODES, _ENGLISH_WORDS, _OTHER_WORDS))


def read_code(tag: str | None) -> str:
    """The language of a tag such as ``ko-KR`` or ``ko_KR``; empty if it does not begin with two letters."""
    match = re.match(r"[a-z]{2}(?![a-z])", (tag or "").strip().lower())
    return match[0] if match else ""


def find_language(text: str, declared: str = "en") -> str:
    """``ko`` or ``en``; for plain text without code in another language what the feed has *declared*, or UNKNOWN if
    that is one of the two. *declared* also if the text does not tell.
    """
    other = UNKNOWN if declared in {"ko", "en"} else declared
    text = text[:SAMPLE]
    foreign = "" if text.isascii() else "".join(_FOREIGN.findall(text))
    letters = _count(_LETTERS, text) if foreign else 0
    if letters:
        hangul = _count(_HANGUL, foreign) / letters
        if hangul >= (_DECLARED_SHARE if declared == "ko" else _KOREAN_SHARE):
            return "ko"
        kana, han = _count(_KANA, foreign) / letters, _count(_HAN, foreign) / letters
        if kana >= _KANA_SHARE or kana + han >= _HAN_SHARE or _count(_LETTERS, foreign) / letters >= _SCRIPT_SHARE:
            return other
    words = set(_TOKEN.findall(text.lower()))
    if not words:
        return declared
    usual = "en" if declared in _NOT_LATIN else declared
    counts = {"en": len(words & _ENGLISH), other: len(words & _OTHERS)}
    first, second = sorted(counts, key=lambda name: -counts[name])
    # A title holds but a few of these words.
    is_sure = counts[first] >= 2 and counts[first] >= 1.5 * counts[second]
    return first if is_sure and (counts[first] >= 3 or counts[usual] == 0) else usual


def _count(letters: re.Pattern[str], text: str) -> int:
    return len("".join(letters.findall(text)))
