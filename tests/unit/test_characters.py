"""Characters that nobody can see go, and those that shape others stay where they do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.characters import clean, keep_direction
from aggregator.text.html import normalise

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        # marks that turn the line round, and those of direction
        ("\u202eDesrever", "Desrever"),
        ("Half open \u2067 isolate", "Half open isolate"),
        ("C++\u200f and \u061c\u200e", "C++ and"),
        # without width
        ("Hidden\u200bspace 추천\u2060시스템\ufeff", "Hiddenspace 추천시스템"),
        ("Soft\u00adhyphen", "Softhyphen"),
        ("a \u200b b", "a b"),
        # fillers
        ("Hangul filler \u3164 title", "Hangul filler title"),
        ("가\uffa0나\u2800다", "가 나 다"),
        ("\u115f\u1160", ""),
        # controls, halves, what is not a character
        ("추천\u0008 시스템\x7f\x9b", "추천 시스템"),
        ("a\x0cb\u2028c\x85d", "a b c d"),
        ("a\ud83db\ufffe\ufdd0", "ab"),
        ("a\ufffcb\ufff9c", "abc"),
        # joiners
        ("a\u200db 가\u200c나", "ab 가나"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("ന\u0d4d\u200d", "ന\u0d4d\u200d"),
        ("👩\u200d👩\u200d👧 family ❤\ufe0f\u200d🔥", "👩\u200d👩\u200d👧 family ❤\ufe0f\u200d🔥"),
        ("👩\u200d family", "👩 family"),
        # selectors, and letters that cannot be seen
        ("❤\ufe0f 葛\U000e0100飾", "❤\ufe0f 葛\U000e0100飾"),
        ("\ufe0fa\ufe0f\ufe0f\U000e0101b", "a\ufe0fb"),
        (f"{ENGLAND} wins", f"{ENGLAND} wins"),
        ("Ignore\U000e0049\U000e0067\U000e006e this", "Ignore this"),
        # letters
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("שלום", "שלום"),
        ("\u115f\u1161 \u1100\u1160", "\u115f\u1161 \u1100\u1160"),
        (unicodedata.normalize("NFD", "하늘을 나는 é"), "하늘을 나는 é"),
    ],
)
def test_what_nobody_can_see_goes(text: str, cleaned: str) -> None:
    assert normalise(text) == cleaned


def test_spaces_and_line_ends_of_a_text_may_stay() -> None:
    assert clean("a  b\n\tc\u00a0d\u200b") == "a  b\n\tc\u00a0d"


def test_a_text_may_keep_all_but_what_turns_it_round() -> None:
    note = "e\u0301\u200b \u00ad \u200f\n\u3164"
    assert keep_direction(f"\u202e{note}\u2066\u202a") == note


@given(st.text(max_size=30))
def test_nothing_is_cleaned_into_something_else(text: str) -> None:
    line = normalise(text)
    assert line == " ".join(line.split())
    assert line == unicodedata.normalize("NFC", line)
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u3164\ufeff\u00ad")
