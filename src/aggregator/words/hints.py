"""What is said of a piece of a note that a post offers."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.locales import mark, t
from aggregator.types import Hint, HintCue, HintKind

_KINDS = {
    HintKind.PARTS: mark("Earlier parts of the series."),
    HintKind.STEPS: mark("Sections or steps of the post."),
    HintKind.NAMES: mark("Models and products that it names most."),
    HintKind.LINKS: mark("Code, models, data sets and papers that it links to."),
}


def say_hint(hint: Hint) -> str:
    """Say what a hint is, or why its sentence was chosen."""
    return " ".join(_say(cue, said) for cue, said in hint.why) if hint.why else t(_KINDS[hint.kind])


def _say(cue: HintCue, said: Sequence[str]) -> str:
    words = ", ".join(said)
    match cue:
        case HintCue.BEGINNING:
            return t("The post begins with it.")
        case HintCue.PURPOSE:
            return t("Says what it is about: “{words}”.", words=words)
        case HintCue.OUTCOME:
            return t("Says what came of it: “{words}”.", words=words)
        case HintCue.FIGURES:
            return t("Figures: {words}.", words=words)
        case HintCue.NAMES:
            return t("Names: {words}.", words=words)
        case _:
            return t("Words of the title: {words}.", words=words)
