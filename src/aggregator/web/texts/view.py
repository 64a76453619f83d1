"""The form of the fixed texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.digest.texts import HEAD, LABEL, NOTE
from aggregator.locales import mark, t
from aggregator.pipeline.texts import FixedText
from aggregator.types import LabelStyle, NoteStyle

_LABELS = {HEAD: mark("Head"), LABEL: mark("Month and organisation"), NOTE: mark("Notes")}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    LABEL: {
        LabelStyle.BRACKETS: mark("in brackets: Title (Nov 2022, SOCAR)"),
        LabelStyle.COLON: mark("after a colon: Title: Nov 2022, SOCAR"),
    },
    NOTE: {
        NoteStyle.COLON: mark("behind the link, after a colon"),
        NoteStyle.NESTED: mark("as nested bullets"),
    },
}


@dataclass(frozen=True, slots=True)
class FieldView:
    """The field of one text."""

    name: str
    label: str
    value: str
    #: What it is without the curator's, with where that is from; empty where that is what the field says.
    otherwise: str
    source: str
    mistake: str
    #: What can be chosen, each as it is shown; empty for a text that is typed.
    choices: Mapping[str, str]


def build_fields(
    found: Sequence[FixedText], typed: Mapping[str, str], mistakes: Mapping[str, str]
) -> tuple[FieldView, ...]:
    """Build the fields, with what is *typed* in place of what is in force."""
    return tuple(_build_field(one, typed.get(one.name), mistakes.get(one.name, "")) for one in found)


def _build_field(one: FixedText, typed: str | None, mistake: str) -> FieldView:
    value = (one.text if typed is None else typed).strip()
    choices = {value: t(said) for value, said in _CHOICES.get(one.name, {}).items()}
    otherwise = one.otherwise.strip()
    return FieldView(
        name=one.name,
        label=_name(one.name),
        value=value,
        otherwise="" if value == otherwise else choices.get(otherwise, otherwise),
        source=t(one.otherwise_from),
        mistake=mistake,
        choices=choices,
    )


def _name(name: str) -> str:
    _, axis, *key = name.split(".")
    match axis:
        case "parts":
            return t("Part {key}", key=key[0])
        case "topics":
            return t("Topic {key}", key=key[0])
    return t(_LABELS[name])
