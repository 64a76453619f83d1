"""What would have been proposed of the curator's own list, in words. Pure."""

from __future__ import annotations

from aggregator import words
from aggregator.classify.learning import Heard
from aggregator.evaluate.own_list import Answer, Issue, Unfollowed
from aggregator.locales import t, tn
from aggregator.types import Texts
from aggregator.words.model import say_heard

# How many places, and how many parts and topics, a sentence names.
_MOST_NAMED = 12


def say_answer(answer: Answer, texts: Texts) -> list[str]:
    """Say how many lines would have been proposed, how many could be tested, and what stands in the way."""
    if not answer.issues:
        return [t("Nothing was printed or imported yet that says its month. `aggregator adopt` imports a list.")]
    said = [*_say_found(answer), say_tested(answer)]
    if answer.hosts:
        said.append(t("These hosts are not followed: {places}.", places=say_hosts(answer)))
    return [*said, *say_thin(answer, texts), *_say_caveats(answer)]


def _say_found(answer: Answer) -> list[str]:
    issues = tn("the last issue", "the last {number} issues", len(answer.issues))
    if not answer.tested:
        return [t("Not one line of {issues} could be tested.", issues=issues)]
    found = t(
        "Of {issues} {share} of the tested lines stood in the first {first} that would have been proposed: {found} of "
        "{number}.",
        issues=issues,
        share=words.percent(answer.found / answer.tested),
        first=answer.first,
        found=answer.found,
        number=answer.tested,
    )
    return [
        found,
        t(
            "Newest first, {newest} would have stood there; by chance, {expected}.",
            newest=answer.newest,
            expected=f"{answer.expected:.1f}",
        ),
    ]


def say_tested(answer: Answer) -> str:
    """Say how many lines could be tested, and why the others could not."""
    said = tn(
        "{tested} of {number} line could be tested.",
        "{tested} of {number} lines could be tested.",
        answer.lines,
        tested=answer.tested,
    )
    reasons = [t("{number} ({why})", number=f"{count:,}", why=why) for why, count in list_reasons(answer)]
    return t("{said} The others: {reasons}.", said=said, reasons="; ".join(reasons)) if reasons else said


def list_reasons(answer: Answer) -> list[tuple[str, int]]:
    """Why lines could not be tested, with their number, the most frequent first."""
    return [(t(why), count) for why, count in answer.count_left().items()]


def say_hosts(answer: Answer) -> str:
    """``blog.example (12), other.example (3)``, the most lines first."""
    named = [_say_host(each) for each in answer.hosts[:_MOST_NAMED]]
    return ", ".join([*named, *_say_more(len(answer.hosts))])


def _say_host(host: Unfollowed) -> str:
    if host.wall:
        return t("{place} ({number}, refuses programs)", place=host.place, number=f"{host.lines:,}")
    return f"{host.place} ({host.lines:,})"


def say_thin(answer: Answer, texts: Texts) -> list[str]:
    """Say which parts, topics and sides of the scope have too few examples."""
    if not answer.thin:
        return []
    named = [
        say_heard(Heard(each.axis, each.key, each.lessons, each.needed), texts) for each in answer.thin[:_MOST_NAMED]
    ]
    said = [t("These have too few examples: {sections}.", sections=", ".join([*named, *_say_more(len(answer.thin))]))]
    if answer.is_lent:
        said.append(t("Until there are more, the examples that come with the program stand in for them."))
    return said


def _say_more(number: int) -> list[str]:
    more = number - _MOST_NAMED
    return [tn("and {number} more", "and {number} more", more)] if more > 0 else []


def _say_caveats(answer: Answer) -> list[str]:
    said = []
    if answer.undated:
        said.append(
            tn(
                "{number} more line says neither its month nor the day on which it was chosen.",
                "{number} more lines say neither their month nor the day on which they were chosen.",
                answer.undated,
            )
        )
    if answer.is_unread:
        said.append(
            t(
                "The texts of some posts are not read yet, so their months are ranked by titles alone; test again once "
                "the daemon or `aggregator visit` has read them."
            )
        )
    return said


def say_issue(issue: Issue, first: int) -> str:
    """One issue in a sentence."""
    lines = tn("{number} line", "{number} lines", issue.lines)
    if not issue.placed:
        return t("{lines}, not one tested among {candidates} posts", lines=lines, candidates=f"{issue.candidates:,}")
    return t(
        "{lines}, {tested} tested among {candidates} posts: {found} in the first {first}; newest first {newest}, by "
        "chance {expected}",
        lines=lines,
        tested=len(issue.placed),
        candidates=f"{issue.candidates:,}",
        found=issue.count_found(first),
        first=first,
        newest=issue.count_newest(first),
        expected=f"{issue.expect(first):.1f}",
    )
