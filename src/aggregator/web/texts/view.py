"""The form of the fixed texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.locales import t
from aggregator.pipeline.texts import FixedText


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


def build_fields(
    found: Sequence[FixedText], typed: Mapping[str, str], mistakes: Mapping[str, str]
) -> tuple[FieldView, ...]:
    """Build the fields, with what is *typed* in place of what is in force."""
    return tuple(_build_field(one, typed.get(one.name), mistakes.get(one.name, "")) for one in found)


def _build_field(one: FixedText, typed: str | None, mistake: str) -> FieldView:
    value = (one.text if typed is None else typed).strip()
    otherwise = one.otherwise.strip()
    return FieldView(
        name=one.name,
        label=_name(one.name),
        value=value,
        otherwise="" if value == otherwise else otherwise,
        source=t(one.otherwise_from),
        mistake=mistake,
    )


def _name(name: str) -> str:
    _, axis, *key = name.split(".")
    match axis:
        case "parts":
            return t("Part {key}", key=key[0])
        case "topics":
            return t("Topic {key}", key=key[0])
    return t("Head")
