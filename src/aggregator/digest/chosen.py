"""How an issue was chosen, in words for its readers and for the authors of what it lists. Pure.

Every sentence says what is stored: how many feeds were followed, what became of their posts, what counted, who decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aggregator.digest.escape import escape_text
from aggregator.digest.foot import mark_chosen
from aggregator.locales import t, tn
from aggregator.types import Coverage, Digest


def write_chosen(digest: Digest, coverage: Coverage, thanked: Sequence[str] = ()) -> str:
    """Write what stands at the foot of a digest, in Markdown between marks, in the present language. *thanked* are the
    names of readers who suggested lines of it.
    """
    title = t("How the lines of {month} were chosen", month=coverage.month.name)
    # No list: without its marks, which a hand may take away, it would be read as lines of the digest.
    return mark_chosen("\n".join([f"**{title}**", "", *_say(digest, coverage), *_thank(thanked)]))


def write_thanks(thanked: Sequence[str]) -> str:
    """Write the same of a digest that says nothing else of how it was chosen; empty if nobody is thanked."""
    return mark_chosen("\n".join(_thank(thanked))) if thanked else ""


def _thank(thanked: Sequence[str]) -> list[str]:
    return [t("Suggested by readers: {names}.", names=", ".join(map(escape_text, thanked)))] if thanked else []


def _say(digest: Digest, coverage: Coverage) -> Iterator[str]:
    taxonomy = digest.texts.taxonomy
    parts = [digest.texts.parts[part] for part in taxonomy.parts if part.number]
    topics = [digest.texts.topics[topic] for topic in taxonomy.topics if topic.number]
    if parts:
        yield t("Parts: {parts}.", parts=" · ".join(parts))
    if topics:
        yield t("Topics: {topics}.", topics=" · ".join(topics))
    followed = sum(feed.gives_posts for feed in coverage.feeds)
    if followed:
        yield tn("{number} source was followed.", "{number} sources were followed.", followed)
    yield _say_funnel(digest, coverage)
    yield from _say_weights(coverage)
    yield t(
        "A program collects, sorts and proposes. A person decides: each line was approved by hand, and nothing else is "
        "printed."
    )


def _say_funnel(digest: Digest, coverage: Coverage) -> str:
    funnel = coverage.funnel
    return tn(
        "{number} post of the month was collected, {proposed} proposed, and a person chose {chosen}.",
        "{number} posts of the month were collected, {proposed} proposed, and a person chose {chosen}.",
        funnel.candidates,
        proposed=f"{funnel.proposed:,}",
        chosen=f"{len(digest.lines):,}",
    )


def _say_weights(coverage: Coverage) -> Iterator[str]:
    if coverage.counted:
        counted = [f"{t(weight.label)} ({t(weight.help)})" for weight in coverage.counted]
        yield t("What spoke most for the proposed posts: {reasons}.", reasons="; ".join(counted))
    more = [t(weight.label) for weight, factor in coverage.weights if factor > 1]
    less = [t(weight.label) for weight, factor in coverage.weights if 0 < factor < 1]
    nothing = [t(weight.label) for weight, factor in coverage.weights if factor == 0]
    if more:
        yield t("The curator lets this count more than it was learned: {reasons}.", reasons=", ".join(more))
    if less:
        yield t("The curator lets this count less: {reasons}.", reasons=", ".join(less))
    if nothing:
        yield t("The curator does not let this count: {reasons}.", reasons=", ".join(nothing))
