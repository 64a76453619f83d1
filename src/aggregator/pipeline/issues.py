"""Suggestions that readers open as issues at GitHub: read by their label, and answered there if the settings say so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from aggregator.addresses.urls import canonicalise_url, host_of
from aggregator.digest.escape import escape_text
from aggregator.exceptions import FeedError
from aggregator.fetch.retrieve import Retriever
from aggregator.locales import ENGLISH, LANGUAGES
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network
from aggregator.pipeline.suggesting import Told, list_told
from aggregator.storage import readers
from aggregator.talk.github_issues import (
    API,
    MOST_BYTES,
    GithubIssue,
    address_comments,
    ask_for_issues,
    read_issues,
    write_comment,
)
from aggregator.types import Credentials, Suggestion

log = structlog.get_logger()

_JSON = "application/vnd.github+json"
# Of one round: a thousand issues that changed.
_MOST_PAGES = 40


@dataclass
class IssueReader:
    """Reads the issues with the label of the settings; what is new in one is asked for next time."""

    home: Home
    network: Network
    credentials: Credentials | None = None
    base: str = API
    #: When issues were asked for last, without a failure; the database tells after a start.
    _asked_at: datetime | None = None
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self) -> int:
        """Read the issues that were changed since the last time; return how many became suggestions.

        A failure is logged. What was not read, or has no room in the list, is read next time.
        """
        settings = self.home.settings.suggestions
        if not settings.github:
            return 0
        async with self._busy:
            began = self.home.now
            since = self._asked_at or await asyncio.to_thread(self._find_newest) or self._oldest
            added = left_out = 0
            async with self.network.open() as retriever:
                for page in range(1, _MOST_PAGES + 1):
                    url = ask_for_issues(self.base, settings.github, settings.label, page, since)
                    try:
                        async with self.network.hosts.enter(host_of(url)):
                            answer = await retriever.retrieve_whole(
                                url, credentials=self.credentials, max_bytes=MOST_BYTES, accept=_JSON
                            )
                        issues, has_more = await asyncio.to_thread(read_issues, answer.body, settings.github)
                    except (FeedError, ValueError) as error:
                        reason = error.reason if isinstance(error, FeedError) else str(error)
                        log.warning("issues are not read", repository=settings.github, reason=reason)
                        return added
                    taken, left = await asyncio.to_thread(self._save, issues)
                    added, left_out = added + taken, left_out + left
                    if not has_more:
                        break
            if left_out:
                log.warning("issues wait until fewer suggestions do", repository=settings.github, issues=left_out)
            else:
                self._asked_at = began
            return added

    async def answer(self, write: Callable[[Told], str]) -> int:
        """Comment once on each issue whose suggestion is settled, if the settings say so; return how many. *write*
        writes the comment.
        """
        settings = self.home.settings.suggestions
        if not settings.comment or self.credentials is None:
            return 0
        done = 0
        wanted = [each for each in await asyncio.to_thread(list_told, self.home) if _is_to_answer(each)]
        async with self.network.open() as retriever:
            for told in wanted:
                done += await self._comment(told, write(told), retriever)
        return done

    async def _comment(self, told: Told, text: str, retriever: Retriever) -> bool:
        """Post one comment. It is noted first: a comment too few is better than one that comes every hour."""
        suggestion = told.suggestion
        await asyncio.to_thread(self._note_answer, suggestion.id, self.home.now)
        url = address_comments(self.base, suggestion.issue or "")
        try:
            async with self.network.hosts.enter(host_of(url)):
                answer = await retriever.post(url, write_comment(_quote(text)), credentials=self.credentials)
        except FeedError as error:
            log.warning("an issue may not be answered", issue=suggestion.issue, reason=error.reason)
            return False
        if not 200 <= answer.status < 300:
            if answer.status < 500:
                # GitHub has said that it was not taken. After a failure in between it may have been.
                await asyncio.to_thread(self._note_answer, suggestion.id, None)
            log.warning("an issue is not answered", issue=suggestion.issue, status=answer.status)
            return False
        log.info("issue answered", issue=suggestion.issue)
        return True

    def _note_answer(self, number: int, at: datetime | None) -> None:
        with self.home.database.writing() as connection:
            readers.set_value(connection, "suggestion", number, "answered_at", at)

    def _find_newest(self) -> datetime | None:
        with self.home.reading() as connection:
            return readers.find_newest_issue(connection)

    @property
    def _oldest(self) -> datetime:
        """What was opened before may have been forgotten: as a new suggestion it would be answered once more."""
        return self.home.now - timedelta(days=self.home.settings.suggestions.keep_days)

    def _save(self, issues: list[GithubIssue]) -> tuple[int, int]:
        """Store what is new; return how many, and for how many the list has no room. An issue that was closed is
        answered; one that was closed unseen, or is old, is left out.
        """
        with self.home.database.writing() as connection:
            known = readers.list_issues(connection, [each.key for each in issues])
            for issue in issues:
                if (suggestion := known.get(issue.key)) and issue.closed_at and suggestion.answered_at is None:
                    readers.set_value(connection, "suggestion", suggestion.id, "answered_at", issue.closed_at)
            opened = [each for each in issues if each.closed_at is None and each.opened_at > self._oldest]
            new = {each.key: each for each in opened if each.key not in known}
            room = max(0, self.home.settings.suggestions.most_waiting - readers.count_open(connection))
            taken = list(new.values())[:room]
            for issue in taken:
                readers.add_suggestion(connection, self._make(issue))
        return len(taken), len(new) - len(taken)

    def _make(self, issue: GithubIssue) -> Suggestion:
        return Suggestion(
            issue.url,
            canonicalise_url(issue.url),
            issue.opened_at,
            why=issue.why,
            contact=issue.page,
            language=issue.language if issue.language in LANGUAGES else ENGLISH,
            issue=issue.key,
            retry_at=self.home.now,
        )


def _quote(text: str) -> str:
    """Write plain text as Markdown of GitHub. A stranger chose the title: it must not call people or name issues."""
    return escape_text(text).replace("@", "<span>@</span>").replace("#", "<span>#</span>")


def _is_to_answer(told: Told) -> bool:
    suggestion = told.suggestion
    return suggestion.issue is not None and suggestion.answered_at is None and told.standing.stand.is_settled
