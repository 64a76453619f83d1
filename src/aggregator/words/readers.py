"""What is said of invitations, suggestions and remarks, on the page, in the terminal and to readers. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.locales import speaking, t, tn
from aggregator.types import Action, Invitation, InvitationKind, Stand, Standing, Suggestion
from aggregator.words.posts import name_post

if TYPE_CHECKING:
    from aggregator.pipeline.suggesting import Told


def say_suggested(number: int) -> str:
    """``suggested by a reader``; empty for none."""
    return tn("suggested by a reader", "suggested by {number} readers", number) if number else ""


def say_reasons(suggestion: Suggestion) -> str:
    """Say that a reader suggested a post and why, such as ``Suggested by Kim: it has figures.``"""
    by, why = suggestion.credit or t("a reader"), suggestion.why
    return t("Suggested by {name}: {why}", name=by, why=why) if why else t("Suggested by {name}.", name=by)


def say_standing(standing: Standing) -> str:
    """Say what became of a suggestion, such as ``chosen for the digest of Nov 2026``."""
    month = standing.month.name if standing.month else ""
    match standing.stand:
        case Stand.WAITING:
            return t("waiting: the curator has not decided yet")
        case Stand.UNREAD:
            return t("waiting: its page could not be read by a program, so the curator looks at it")
        case Stand.CHOSEN:
            return t("chosen for the digest of {month}", month=month)
        case Stand.PRINTED:
            return t("printed in the digest of {month}", month=month)
        case Stand.TURNED_DOWN if standing.reason:
            return t("not this time: {reason}", reason=t(standing.reason))
    return t("not this time")


def name_suggested(told: Told) -> str:
    """The title of the post that was suggested; its address while that is not known."""
    return name_post(told.candidate.post) if told.candidate else readable_url(told.suggestion.url)


def write_reply(told: Told) -> str:
    """Write what a reader may be answered, in the language of their page; empty while nothing is decided."""
    if told.standing.stand in {Stand.WAITING, Stand.UNREAD}:
        return ""
    with speaking(told.suggestion.language):
        said = words.capitalise(say_standing(told.standing))
        return t("Thank you for suggesting “{title}”. {said}.", title=name_suggested(told), said=said)


def say_invitation(invitation: Invitation, now: datetime, zone: ZoneInfo) -> str:
    """Say what a link is for, and until when: ``to suggest posts``, ``to the draft of Dec 2022, until 12 Dec 2022``."""
    goal = _say_goal(str(invitation.kind), invitation.month.name if invitation.month else "")
    if invitation.ended_at:
        return t("{goal}, ended {day}", goal=goal, day=words.day(invitation.ended_at, zone))
    if invitation.expires_at is None:
        return goal
    day = words.day(invitation.expires_at, zone)
    if invitation.is_open(now):
        return t("{goal}, until {day}", goal=goal, day=day)
    return t("{goal}, over since {day}", goal=goal, day=day)


def _say_goal(kind: str, month: str) -> str:
    if kind == InvitationKind.DRAFT:
        return t("to the draft of {month}", month=month)
    return t("to suggest posts")


def say_reader(action: Action) -> str:
    """Say what an action about readers did."""
    details = action.details
    if "invitation" in details:
        goal = _say_goal(details["for"], action.month.name if action.month else "")
        return t("Ended a link {goal}", goal=goal) if details.get("ended") else t("Gave out a link {goal}", goal=goal)
    if "remark" in details:
        return t("Marked a remark of {name} as done", name=details["name"])
    url = readable_url(details["url"])
    if details.get("declined"):
        return t("Turned down the suggestion of {url}", url=url)
    return t("Answered the suggestion of {url}", url=url)


def say_reader_back(action: Action) -> str:
    """Say what is so again once an action about readers is undone."""
    details = action.details
    if "invitation" in details:
        goal = _say_goal(details["for"], action.month.name if action.month else "")
        is_ended = not details.get("ended")
        return t("A link {goal} is ended", goal=goal) if is_ended else t("A link {goal} is open again", goal=goal)
    if "remark" in details:
        return t("The remark of {name} is open again", name=details["name"])
    return t("The suggestion of {url} is as before", url=readable_url(details["url"]))
