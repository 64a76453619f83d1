"""What a feed may still change in a post. Pure.

An approved or printed post keeps the title and address that the curator judged. If its feed changes them later, the
new ones are stored beside it and shown to the curator.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.addresses.urls import canonicalise_url, leads_to_translation
from aggregator.types import PostDraft, TextSource


@dataclass(frozen=True, slots=True)
class Stored:
    """The facts about a stored post that decide what may change."""

    #: None if no feed has given it yet: it was read from a digest.
    feed_key: str | None
    at_home: bool
    title: str
    url: str
    text: str
    text_from: TextSource
    #: Whether it is approved or printed.
    is_kept: bool
    #: Whether its address is not from its feed, such as the one that its page names.
    is_readdressed: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What is taken from a draft, and what is withheld."""

    #: Whether the draft's feed takes the post over, with all that it says.
    takes_over: bool = False
    words: bool = False
    text: bool = False
    url: bool = False
    #: What the feed says that is not taken; None if it says what is stored.
    withheld_title: str | None = None
    withheld_url: str | None = None

    @property
    def is_withheld(self) -> bool:
        return self.withheld_title is not None or self.withheld_url is not None


def decide_edit(old: Stored, new: PostDraft) -> Edit:
    """Decide what a draft changes in the post that is stored under its address.

    The first feed that carries a post from a digest fills it. Unless it is kept, it passes to a feed that comes before
    its own. Any other post is changed only by its own feed. A text from its page stays, because feeds say less.
    """
    if old.feed_key != new.feed_key:
        return Edit(takes_over=old.feed_key is None or (not old.is_kept and comes_before(new, old)))
    is_from_feed = old.text_from is not TextSource.PAGE
    is_retitled = old.title != new.title
    has_other_text = is_from_feed and old.text != new.text
    if not old.is_kept:
        words = is_retitled or has_other_text
        return Edit(words=words, text=words and is_from_feed, url=old.url != new.url and not old.is_readdressed)
    is_elsewhere = not old.is_readdressed and leads_elsewhere(old.url, new.url)
    if is_retitled or is_elsewhere:
        # The text may belong to another post by now.
        return Edit(withheld_title=new.title if is_retitled else None, withheld_url=new.url if is_elsewhere else None)
    return Edit(text=has_other_text)


def comes_before(one: Stored | PostDraft, other: Stored | PostDraft) -> bool:
    """Whether a feed's form of a post comes before another one, whichever was seen first: the form of its own site
    comes before a planet's, and an original before its translation.
    """
    if one.at_home != other.at_home:
        return one.at_home
    return leads_to_translation(other.url) and not leads_to_translation(one.url)


def leads_elsewhere(old: str, new: str) -> bool:
    """Whether two addresses lead to different pages."""
    if old == new:
        return False
    return old.partition("#")[2] != new.partition("#")[2] or canonicalise_url(old) != canonicalise_url(new)
