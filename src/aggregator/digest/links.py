"""Where the address of a line leads now, by what its server answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.addresses.urls import canonicalise_url, clean_url, tidy_url
from aggregator.digest.page import read_page
from aggregator.exceptions import FeedError
from aggregator.locales import mark, t
from aggregator.types import Hop, LinkCheck, LinkState, Retrieved, Texts

#: What is not known is asked again after this time.
RETRY_AFTER = timedelta(days=1)
# A host that is gone may be back tomorrow. A little less than a day, because looks are not on the minute.
_DESERTED_AFTER = timedelta(hours=20)

_FOR_GOOD = {301, 308}
#: 451 is for legal reasons.
_MISSING = {404, 410, 451}
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)
_LOGIN = {"login", "log-in", "signin", "sign-in", "sign_in", "sso", "auth", "authenticate", "wp-login.php"}
_LOGIN_HOST = re.compile(r"(?:login|signin|sso|auth|accounts?)\.", re.IGNORECASE)
_NOT_FOUND = {"404", "404.html", "not-found", "notfound", "not_found", "page-not-found"}


_GONE = {
    LinkState.MISSING: mark("The page is gone: its server does not have it."),
    LinkState.HOME: mark("The page is gone: its address leads to the home page of the site."),
    LinkState.LOGIN: mark("The page was withdrawn: its address asks for a login."),
    LinkState.DESERTED: mark("The page is gone: its site does not answer any more."),
}


def say_link(check: LinkCheck) -> str:
    """Say what is wrong with an address that has moved or leads to no page."""
    said = _GONE.get(check.state)
    return t(said) if said else t("The page has moved to {address}.", address=check.target)


def list_addresses(text: str, texts: Texts) -> list[str]:
    """List the addresses of the lines of a page, each once. Raises DigestError as ``read_page`` does."""
    lines = (entry.line for entry in read_page(text, texts).entries if entry.line)
    return list(dict.fromkeys(url for line in lines if (url := clean_url(line.url))))


def is_due(check: LinkCheck | None, again_after: timedelta, now: datetime) -> bool:
    """Whether an address is to be looked at: it was not, or not for *again_after*; what is unknown sooner."""
    if check is None:
        return True
    pause = min(RETRY_AFTER, again_after) if check.state is LinkState.UNKNOWN else again_after
    return now - check.checked_at >= pause


def judge_answer(url: str, answer: Retrieved, before: LinkCheck | None, *, now: datetime) -> LinkCheck:
    """Judge the answer of a server that gave a page."""
    state, target = _judge_way(url, answer.hops)
    return _conclude(LinkCheck(url, now, state, now, answer.status, target), before)


def judge_failure(url: str, error: FeedError, before: LinkCheck | None, *, now: datetime) -> LinkCheck:
    """Judge why no page came. Refusals, trouble of the server and silence say nothing about the page."""
    state, _ = _judge_way(url, error.hops)
    if not state.is_gone:
        if error.status in _MISSING:
            state = LinkState.MISSING
        elif error.status == 401:
            state = LinkState.LOGIN
        else:
            state = LinkState.UNKNOWN
    reason = error.reason if state is LinkState.UNKNOWN else None
    check = _conclude(LinkCheck(url, now, state, now, error.status, reason=reason), before)
    if error.is_deserted and before:
        since = before.since_at if before.state is LinkState.DESERTED else check.since_at
        if now - since >= _DESERTED_AFTER:
            return LinkCheck(url, now, LinkState.DESERTED, since)
    return check


def _conclude(check: LinkCheck, before: LinkCheck | None) -> LinkCheck:
    """The look with the moment since when it was so."""
    if before and (before.state, before.target, before.reason) == (check.state, check.target, check.reason):
        asked_at, archived = before.archive_asked_at, before.archived
        return replace(check, since_at=before.since_at, archive_asked_at=asked_at, archived=archived)
    return check


def _judge_way(url: str, hops: Sequence[Hop]) -> tuple[LinkState, str | None]:
    """Judge redirects: what they say about the page, and its new address.

    One for a while leaves the address as it is; where one leads counts in any case.
    """
    if not hops:
        return LinkState.REACHED, None
    if (last := _judge_place(url, hops[-1].url)) is not LinkState.REACHED:
        return last, None
    target = None
    for hop in hops:
        if hop.status not in _FOR_GOOD:
            break
        target = clean_url(hop.url)
    if target is None or _is_same(url, target):
        return LinkState.REACHED, None
    # A place on the page is not sent to the server, and counts for its new address too.
    fragment = urlsplit(url).fragment
    target = tidy_url(target)
    return LinkState.MOVED, f"{target}#{fragment}" if fragment and "#" not in target else target


def _is_same(url: str, target: str) -> bool:
    """Whether an address only has another spelling; that it is secure now is worth a change."""
    becomes_secure = url.startswith("http:") and target.startswith("https:")
    return canonicalise_url(url) == canonicalise_url(target) and not becomes_secure


def _judge_place(url: str, place: str) -> LinkState:
    was, now = urlsplit(url), urlsplit(place)
    if (cleaned := clean_url(place)) and canonicalise_url(url) == canonicalise_url(cleaned):
        return LinkState.REACHED
    old, new = _list_folders(was.path), _list_folders(now.path)
    if old[-1:] == ["amp"]:
        # The form of a page for phones lies below it.
        old.pop()
    folders = {folder.lower() for folder in new}
    if _LOGIN_HOST.match(now.netloc) and not _LOGIN_HOST.match(was.netloc):
        return LinkState.LOGIN
    if folders & _LOGIN and not folders & {folder.lower() for folder in old}:
        return LinkState.LOGIN
    if new and new[-1].lower() in _NOT_FOUND:
        return LinkState.MISSING
    is_home = not new or (len(new) == 1 and _LANGUAGE.fullmatch(new[0]) is not None)
    is_above = len(new) < len(old) and old[: len(new)] == new
    return LinkState.HOME if (old or was.query) and not now.query and (is_home or is_above) else LinkState.REACHED


def _list_folders(path: str) -> list[str]:
    return [folder for folder in path.split("/") if folder]
