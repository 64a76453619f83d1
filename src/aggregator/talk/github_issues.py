"""Issues at GitHub by which readers suggest posts: what is asked for, and what is read of the answers. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from aggregator.addresses.urls import clean_url
from aggregator.text.characters import clean
from aggregator.text.content import read_content
from aggregator.text.language import find_language

#: Where GitHub answers programs.
API = "https://api.github.com"
#: Of one page, and bytes of an answer that are read: so many issues of the longest text that GitHub takes (262,144
#: bytes) fit. Otherwise whoever writes long ones would keep all from being read.
PER_PAGE = 25
MOST_BYTES = 10_000_000
# Of an issue: more of its text is not kept.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class GithubIssue:
    """An issue that suggests a post."""

    #: ``owner/repository#12``.
    key: str
    #: Where people read it.
    page: str
    #: The post that it suggests.
    url: str
    #: Its title and the beginning of its text.
    why: str
    language: str
    opened_at: datetime
    #: None while it is open.
    closed_at: datetime | None = None


def ask_for_issues(base: str, repository: str, label: str, page: int, since: datetime | None = None) -> str:
    """The address of a page of all issues with a label, those that were changed longest ago first; *since* leaves out
    what was changed before.
    """
    query = {"labels": label, "state": "all", "sort": "updated", "direction": "asc"}
    query |= {"per_page": str(PER_PAGE), "page": str(page)}
    if since:
        query["since"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{base}/repos/{quote(repository)}/issues?{urlencode(query)}"


def address_comments(base: str, key: str) -> str:
    """Where a comment on an issue is sent."""
    repository, _, number = key.rpartition("#")
    return f"{base}/repos/{quote(repository)}/issues/{number}/comments"


def write_comment(text: str) -> bytes:
    return json.dumps({"body": text}, ensure_ascii=False).encode()


def read_issues(body: bytes, repository: str) -> tuple[list[GithubIssue], bool]:
    """Read a page of issues; return those that suggest a post, and whether a further page may follow. Pull requests,
    which GitHub lists as issues, and issues without an address are left out. Raises ValueError for another answer.
    """
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise ValueError("the answer is nested too deeply") from error
    if not isinstance(found, list):
        raise ValueError("the answer is not a list of issues")
    issues = [_read_issue(each, repository) for each in found if isinstance(each, dict)]
    return [issue for issue in issues if issue], len(found) >= PER_PAGE


def _read_issue(given: dict[str, Any], repository: str) -> GithubIssue | None:
    number, page, title = given.get("number"), clean_url(_text(given.get("html_url"))), _text(given.get("title"))
    opened_at, closed_at = _read_moment(given.get("created_at")), _read_moment(given.get("closed_at"))
    body = _text(given.get("body"))
    if "pull_request" in given or not isinstance(number, int) or page is None or opened_at is None:
        return None
    links = read_content(f"<p>{escape(f'{body} {title}')}</p>").links
    url = next((each for link in links if (each := clean_url(link)) and f"/{repository}/issues" not in each), None)
    if url is None:
        return None
    why = " ".join(f"{title}: {body}".split())[:_LONGEST]
    return GithubIssue(f"{repository}#{number}", page, url, clean(why), find_language(why, "en"), opened_at, closed_at)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _read_moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
