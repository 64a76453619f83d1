"""What is said of a title that is proposed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aggregator.locales import mark, t, tn
from aggregator.types import MonthGround, Proposal, StepKind, TitleStep

_MONTHS = {
    MonthGround.POST: mark("The month of its date."),
    MonthGround.ADDRESS: mark("The address says so."),
    MonthGround.TEXT: mark("The text begins with a date of it."),
}


def list_reasons(steps: Sequence[TitleStep]) -> list[str]:
    """Say why a title is changed, each reason once."""
    reasons = [_say_names(kind, names) for kind, names in _list_names(steps)]
    reasons += [_say(step) for step in steps if step.kind not in _OF_NAMES]
    reasons += [
        tn(
            "“{words}” was printed so {number} time.",
            "“{words}” was printed so {number} times.",
            step.printed,
            words=step.after,
        )
        for step in steps
        if step.printed
    ]
    return list(dict.fromkeys(reasons))


_OF_NAMES = (StepKind.MODEL, StepKind.PRODUCT)


def _list_names(steps: Sequence[TitleStep]) -> Iterator[tuple[StepKind, list[str]]]:
    for kind in _OF_NAMES:
        if names := [step.after for step in steps if step.kind is kind]:
            yield kind, list(dict.fromkeys(names))


def _say_names(kind: StepKind, names: Sequence[str]) -> str:
    if kind is StepKind.MODEL:
        return t("Models in italics: {names}.", names=", ".join(names))
    return t("Products and libraries in bold: {names}.", names=", ".join(names))


def _say(step: TitleStep) -> str:
    before, after = step.before, step.after
    match step.kind:
        case StepKind.SITE:
            return t("“{words}” names the site.", words=before)
        case StepKind.PART:
            return t("“{words}” goes: the note names the parts.", words=before)
        case StepKind.SIGNS:
            return t("Quotes and dashes are typed plainly.")
        case StepKind.PHRASE:
            return t("“{words}” is written {form}.", words=before, form=after)
        case StepKind.WORD:
            return t("Inside a title, “{words}” is written “{form}”.", words=before, form=after)
        case _:
            return t("Title Case.")


def say_organisation(proposal: Proposal) -> str:
    return tn("As in {number} printed line.", "As in {number} printed lines.", proposal.organisation_lines)


def say_month(proposal: Proposal) -> str:
    return t(_MONTHS[proposal.month_from])
