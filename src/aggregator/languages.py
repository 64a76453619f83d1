"""Which language a text is in, by its script and by its small words. Pure.

A script of one language decides by itself (Hangul, kana, Thai); one of several decides by letters that only one of
them has; Latin by the words that every sentence needs. What is not sure is as the feed declares. Code must not be in
the text: it is English in any language (docs/decisions/text.md has what was measured, and why no library does this).
"""

from __future__ import annotations

import re
from collections import Counter

#: As much as tells the language, in characters.
SAMPLE = 300

_HANGUL = re.compile("[가-힣]+")
_KANA = re.compile("[ぁ-ゟ゠-ヿ]+")
_HAN = re.compile("[㐀-䶿一-鿿豈-﫿]+")
# Beyond Latin with its accents, and the dashes and quotes that every script uses.
_FOREIGN = re.compile("[^\x00-\u024f\u1e00-\u1eff\u2000-\u20cf]+")
_LETTERS = re.compile(r"[^\W\d_]+")
# Of the letters, so much Hangul makes a Korean text of one that is full of English names.
_KOREAN_SHARE = 0.2
_DECLARED_SHARE = 0.05
_JAPANESE_SHARE = 0.1
_HAN_SHARE = 0.2
_SCRIPT_SHARE = 0.5

# Scripts that several languages share: the letters of one alone, and whose the script is otherwise.
_SHARED_SCRIPTS = (
    (re.compile("[а-яёѐ-ѿА-ЯЁЀ-Џ]"), (("uk", "іїєґ"), ("sr", "ђћџљњј"), ("ru", "ыэё")), "ru"),
    (re.compile("[؀-ۿ]"), (("ur", "ٹڈڑںےھہ"), ("fa", "پچژگ")), "ar"),
)
_OWN_SCRIPTS = {
    "el": "[Ͱ-Ͽ]",
    "he": "[֐-׿]",
    "hi": "[ऀ-ॿ]",
    "bn": "[ঀ-৿]",
    "ta": "[஀-௿]",
    "te": "[ఀ-౿]",
    "th": "[฀-๿]",
    "ka": "[Ⴀ-ჿ]",
    "hy": "[԰-֏]",
}
_ONE_SCRIPT = {language: re.compile(letters) for language, letters in _OWN_SCRIPTS.items()}
_ASIAN = {"ko", "ja", "zh", *_OWN_SCRIPTS}
_CYRILLIC_OR_ARABIC = {"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "uk", "ar", "fa", "ps", "sd", "ug", "ur"}

# The commonest words of two letters and more; one that several of these languages have counts for each.
_SMALL_WORDS = {
    "en": "the of and to in is that for it with as was on are by this be from or an at we how your our what why "
    "not have has can more you their which its will when using into about these they no do so up me he she all but if",
    "de": "der die und das in den von zu mit ist des für im dem nicht ein eine auf als auch es an werden aus er hat "
    "dass sie nach wird bei einer um am sind noch wie einem über so zum war haben nur oder aber vor zur bis mehr "
    "durch man sein wurde sei ich wir",
    "fr": "le de la les et des en un du une est que dans pour qui par plus pas au sur ne se ce il sont avec son ou "
    "aux cette nous vous être mais comme on leur ses ces été fait",
    "es": "de la que el en los se del las un por con no una su para es al lo como más pero sus le ha me si sin "
    "sobre este ya entre cuando todo esta ser son también",
    "it": "di il la che in per un del le della una con non da dei si sono al come più anche gli nel alla ma su "
    "delle ha dal questo degli ed se ci lo nella",
    "pt": "de que do da em um para com não uma os no se na por mais as dos como mas ao ele das seu sua ou "
    "quando muito nos já também só pelo pela até isso ela entre são você",
    "nl": "de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij of uit nog naar heeft "
    "door over ze wordt hij kan wel werd deze worden",
    "sv": "och att det som en på är av för med till den har de inte om ett men var jag sig från vi så kan nu när ska "
    "eller man också vid efter under",
    "da": "og at det er en til på som af for med de den har ikke der et var om fra men vi jeg sig kan så eller efter "
    "også blev skal ved",
    "fi": "ja on ei se että oli hän joka mutta kun niin kuin ovat myös tai sen voi olla jos mukaan vain ole sitä",
    "pl": "na nie się do to że jest jak po za od co dla przez tym ale są być tego lub oraz tylko czy jego które "
    "może już ich przy",
    "cs": "se na je že to do pro za by jako ve který si jsou ale po jeho bylo od také jsme podle kde být",
    "tr": "ve bir bu için ile de da olarak daha çok olan en gibi kadar sonra ne ama göre her var değil ya",
    "vi": "và của là có cho không các được trong một những với người để này khi đã đến từ ra về như cũng",
    "id": "yang dan di ini dengan untuk dari dalam tidak pada itu adalah akan ke juga oleh atau sebagai bisa kami",
    "hu": "az és hogy nem is egy ez de csak meg már volt mint van el ha még vagy után szerint azt lehet",
    "ro": "de și în la cu pe nu că din este un se pentru mai sau care fi ca au prin sunt dar",
}
# Enough of these, and nobody has to count.
_ENGLISH = {
    *("the", "and", "that", "this", "with", "your", "how", "our", "what", "have", "which", "when", "using", "from"),
    *("are", "they", "more", "into"),
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _SMALL_WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        _LANGUAGES_OF.setdefault(_word, []).append(_language)


def find_language(text: str, declared: str = "en") -> str:
    """The language (ISO 639-1) of plain text without code; *declared* where the text does not tell."""
    text = text[:SAMPLE]
    foreign = "" if text.isascii() else "".join(_FOREIGN.findall(text))
    letters = _count(_LETTERS, text) if foreign else 0
    if not letters:
        return _find_latin(text, declared)
    hangul = _count(_HANGUL, foreign) / letters
    if hangul >= (_DECLARED_SHARE if declared == "ko" else _KOREAN_SHARE):
        return "ko"
    kana = _count(_KANA, foreign)
    if kana / letters >= _JAPANESE_SHARE:
        return "ja"
    if (_count(_HAN, foreign) + kana) / letters >= _HAN_SHARE:
        # A short title in Japanese may have no kana.
        return "ja" if kana or declared == "ja" else "zh"
    return _find_by_script(foreign, letters, declared) or _find_latin(text, declared)


def _count(letters: re.Pattern[str], text: str) -> int:
    return len("".join(letters.findall(text)))


def _find_by_script(text: str, letters: int, declared: str) -> str | None:
    for script, names, rest in _SHARED_SCRIPTS:
        if _count(script, text) / letters >= _SCRIPT_SHARE:
            counts = {name: sum(text.lower().count(letter) for letter in own) for name, own in names}
            found = max(counts, key=lambda name: counts[name])
            return found if counts[found] else declared if declared in _CYRILLIC_OR_ARABIC else rest
    for language, own_script in _ONE_SCRIPT.items():
        if _count(own_script, text) / letters >= _SCRIPT_SHARE:
            return language
    return None


def _find_latin(text: str, declared: str) -> str:
    text = text.lower()
    if len(_ENGLISH.intersection(text.split())) >= 5:
        return "en"
    counts = Counter[str]()
    for word in set(_LETTERS.findall(text)):
        if languages := _LANGUAGES_OF.get(word):
            counts.update(languages)
    usual = "en" if declared in _ASIAN | _CYRILLIC_OR_ARABIC else declared
    if not counts:
        return usual if _LETTERS.search(text) else declared
    (first, most), *others = counts.most_common(2)
    # Related languages share many of their words, and a title holds but a few.
    is_sure = most >= 2 and most >= 1.5 * (others[0][1] if others else 0)
    return first if is_sure and (most >= 3 or counts[usual] == 0) else usual
