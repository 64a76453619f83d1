"""What GitHub shows in place of a shortcode such as ``:tada:``: the only module that loads rich's table of emoji."""

from __future__ import annotations

import re

#: A shortcode may share its colons with its neighbours, so the second one is only looked at.
SHORTCODE = re.compile(r":([a-z0-9_+-]{1,50}+)(?=:)")
# GitHub knows these too: countries by their two letters (one has another name), and pictures of its own.
_FLAGS = {**{name: name for name in ("cn", "de", "es", "fr", "gb", "it", "jp", "kr", "ru", "us")}, "uk": "gb"}
_PICTURES = {
    *("accessibility", "atom", "basecamp", "basecampy", "bowtie", "copilot", "dependabot", "electron", "feelsgood"),
    *("finnadie", "fishsticks", "goberserk", "godmode", "hurtrealbad", "neckbeard", "octocat", "rage1", "rage2"),
    *("rage3", "rage4", "shipit", "suspect", "trollface"),
}
_FIRST_LETTER = ord("\U0001f1e6") - ord("a")


def is_shortcode(name: str) -> bool:
    """Whether GitHub shows something else in place of the name between two colons."""
    return name in _PICTURES or find_emoji(name) is not None


def find_emoji(name: str) -> str | None:
    """Find the characters of an emoji by its name; None for others, and for GitHub's own pictures."""
    if flag := _FLAGS.get(name):
        return "".join(chr(ord(letter) + _FIRST_LETTER) for letter in flag)
    # Slow to load, and few titles have two colons.
    from rich.emoji import Emoji, NoEmoji

    try:
        return str(Emoji(name))
    except NoEmoji:
        return None
