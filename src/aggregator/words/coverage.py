"""When the account of a month was taken, and a short form of it. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import t, tn
from aggregator.types import Coverage


def say_when(coverage: Coverage, zone: ZoneInfo, *, is_kept: bool) -> str:
    """Say whether the account was kept with the print or is that of now."""
    moment = words.day_and_time(coverage.made_at, zone)
    if is_kept:
        return t("As it stood at the print, {moment}. It does not change any more.", moment=moment)
    return t("As it stands now, {moment}. It is kept when the month is printed.", moment=moment)


def say_briefly(coverage: Coverage) -> list[tuple[str, str]]:
    """Say in a few words how complete the feeds were, what became of the posts, and what the spot check found."""
    funnel, feeds = coverage.funnel, len(coverage.feeds)
    said = []
    if feeds:
        complete = f"{feeds - len(coverage.incomplete):,}"
        said.append((t("Feeds"), t("{part} of {whole} complete", part=complete, whole=f"{feeds:,}")))
    said.append((t("Collected"), tn("{number} post", "{number} posts", funnel.candidates)))
    said.append((t("Proposed"), f"{funnel.proposed:,}"))
    if funnel.sampled_decided:
        checked = t(
            "{approved} of {decided} decided approved",
            approved=f"{funnel.sampled_approved:,}",
            decided=f"{funnel.sampled_decided:,}",
        )
        said.append((t("Spot check"), checked))
    return said
