"""A rehearsal in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t, tn
from aggregator.pipeline.home import Home
from aggregator.pipeline.rehearsal import Unsent
from aggregator.storage.digests import Made
from aggregator.types import DeliveryKind, DigestState

_UNSENT = {
    None: mark("not sent to {to}: {said}"),
    DeliveryKind.COMMAND: mark("not run: {to}"),
    DeliveryKind.WEBHOOK: mark("not sent to {to}: the print of {said}"),
    DeliveryKind.COMMIT: mark("not committed: {said} ({to})"),
}
_MADE = {
    DigestState.DRAFT: mark("{month} drafted: {lines}, in {file}"),
    DigestState.PRINTED: mark("{month} printed: {lines}, in {file}"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """What every page says of a rehearsal: the time there for a script and for a person, and what it is."""

    at: str
    now: str
    said: str


def describe_rehearsal(home: Home) -> Described | None:
    """Describe the rehearsal of a home; None in earnest."""
    if home.rehearsal is None:
        return None
    now = home.now.astimezone(home.zone)
    return Described(now.isoformat(timespec="seconds"), words.day_and_time(now, home.zone), say_what_it_is(home))


def say_what_it_is(home: Home) -> str:
    """Say what a rehearsal leaves alone."""
    rehearsal = home.rehearsal
    if rehearsal and rehearsal.visits:
        return t("All of this happens in a copy of your home; feeds are visited, and nothing is sent or committed.")
    return t("All of this happens in a copy of your home; feeds are not visited, and nothing is sent or committed.")


def say_unsent(unsent: Unsent, zone: ZoneInfo) -> str:
    """Say in one line what would have been done outside."""
    said = t(_UNSENT[unsent.kind], to=unsent.to, said=" ".join(unsent.said.split()))
    return f"{words.day_and_time(unsent.at, zone)}  {said}"


def say_end(home: Home, made: Sequence[tuple[Made, str]], unsent: Sequence[Unsent]) -> list[str]:
    """Say at its end what a rehearsal has *made*, each with its file, and what it has kept back."""
    zone = home.zone
    lines = [t("The rehearsal ended on {moment}.", moment=words.day_and_time(home.now, zone))]
    for each, file in made:
        counted = tn("{number} line", "{number} lines", each.lines)
        said = t(_MADE[each.state], month=each.month.name, lines=counted, file=file)
        lines.append(f"{words.day_and_time(each.made_at, zone)}  {said}")
    if not made:
        lines.append(t("Nothing was drafted or printed."))
    lines += [say_unsent(each, zone) for each in unsent] or [t("Nothing would have been sent, run or committed.")]
    return lines
