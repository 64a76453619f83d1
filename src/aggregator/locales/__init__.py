"""The language that people are spoken to in: English, or a language that has a catalogue here.

Sentences are written in English at their place, and looked up when they are said::

    t("Moved to {section}: {title}", section=section, title=title)
    tn("{number} post", "{number} posts", count)

The language belongs to the request or the command that is being answered (a context variable), so that the functions
that say something need no parameter for it. Logs, the JSON of the API, and what is stored or printed stay as they are.
``make messages`` brings the catalogues up to date; tests/checks/test_messages.py says what is missing in them.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

DOMAIN = "aggregator"
FOLDER = Path(__file__).parent
ENGLISH = "en"
#: The languages, each by its own name.
LANGUAGES = {ENGLISH: "English", "ko": "한국어"}

_spoken = ContextVar("spoken", default=ENGLISH)
# The variables that POSIX names for messages, the strongest first.
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def t(message: str, /, **values: Any) -> str:
    """Say a sentence in the present language, with its ``{values}`` filled in."""
    said = _catalogue().gettext(message) if message else ""
    return said.format(**values) if values else said


def tn(one: str, many: str, number: int, /, **values: Any) -> str:
    """Say the one sentence or the other, by the number; ``{number}`` in it is filled in as ``1,204``."""
    return _catalogue().ngettext(one, many, number).format(number=f"{number:,}", **values)


def tp(context: str, message: str, /, **values: Any) -> str:
    """Say a word that English has for several things; *context* says which."""
    said = _catalogue().pgettext(context, message)
    return said.format(**values) if values else said


def mark(message: str) -> str:
    """Mark a sentence for the catalogues that is said elsewhere, such as one of a table; return it unchanged."""
    return message


def get_language() -> str:
    """Return the code of the present language."""
    return _spoken.get()


def speak(language: str) -> None:
    """Speak a language of ``LANGUAGES`` from now on, such as for the rest of a command."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language of ``LANGUAGES`` within the block."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def find_accepted(header: str) -> str | None:
    """Find the language that an ``Accept-Language`` header (RFC 9110, 12.5.4) wants most, or None."""
    wanted: list[tuple[float, str]] = []
    for item in header.split(","):
        tag, _, quality = item.partition(";")
        code = tag.strip().lower().partition("-")[0]
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if code in LANGUAGES and weight > 0:
            wanted.append((weight, code))
    return max(wanted, key=lambda pair: pair[0])[1] if wanted else None


def find_in_environment(environment: Mapping[str, str]) -> str:
    """Find the language of a terminal; English if we do not have it."""
    value = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    code = value.partition("_")[0].partition(".")[0].lower()
    return code if code in LANGUAGES else ENGLISH


def _catalogue() -> gettext.NullTranslations:
    return _load(_spoken.get())


@cache
def _load(language: str) -> gettext.NullTranslations:
    # English is what the messages themselves are.
    return gettext.translation(DOMAIN, FOLDER, [language], fallback=language == ENGLISH)
