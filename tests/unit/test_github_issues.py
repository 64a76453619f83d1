"""Issues at GitHub by which readers suggest posts, in the form of its API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.talk.github_issues import PER_PAGE, ask_for_issues, read_issues


def make_issue(number: int, body: str | None, **changes: Any) -> dict[str, Any]:
    """An issue as the API lists it, with the fields that it has beside those that are read."""
    address = "https://api.github.com/repos/mina/digest"
    return {
        "id": 2_700_000_000 + number,
        "node_id": "I_kwDO",
        "url": f"{address}/issues/{number}",
        "repository_url": address,
        "comments_url": f"{address}/issues/{number}/comments",
        "html_url": f"https://github.com/mina/digest/issues/{number}",
        "number": number,
        "title": "A good post",
        "user": {"login": "kim", "id": 1, "type": "User", "site_admin": False},
        "labels": [{"id": 1, "name": "suggestion", "color": "ededed", "default": False}],
        "state": "open",
        "state_reason": None,
        "locked": False,
        "comments": 0,
        "created_at": "2022-12-05T08:00:00Z",
        "updated_at": "2022-12-05T09:00:00Z",
        "closed_at": None,
        "author_association": "NONE",
        "body": body,
        **changes,
    }


@pytest.mark.parametrize(
    ("issue", "url"),
    [
        (make_issue(1, "See https://blog.lumen.example/experts."), "https://blog.lumen.example/experts"),
        (make_issue(2, "[A post](https://blog.lumen.example/experts)"), "https://blog.lumen.example/experts"),
        (make_issue(3, None, title="https://blog.lumen.example/experts"), "https://blog.lumen.example/experts"),
        (make_issue(4, "Like https://github.com/mina/digest/issues/1"), None),
        (make_issue(5, "No address <script>"), None),
        (make_issue(6, "https://blog.lumen.example/a", pull_request={"url": "…"}), None),
        ({"number": "7"}, None),
    ],
)
def test_the_post_that_an_issue_suggests(issue: dict[str, Any], url: str | None) -> None:
    issues, has_more = read_issues(json.dumps([issue]).encode(), "mina/digest")
    assert [each.url for each in issues] == ([url] if url else [])
    assert not has_more


def test_what_is_kept_of_an_issue() -> None:
    closed = make_issue(
        12, "좋은 글입니다 https://blog.lumen.example/a", title="좋은 글", closed_at="2022-12-06T08:00:00Z"
    )
    ((issue,), has_more) = read_issues(
        json.dumps([closed] + [make_issue(1, "")] * (PER_PAGE - 1)).encode(), "mina/digest"
    )
    assert has_more, "a full page may have a next one"
    assert (issue.key, issue.language) == ("mina/digest#12", "ko")
    assert issue.closed_at == datetime(2022, 12, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 100_000])
def test_another_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json says it in its own words
        read_issues(body, "mina/digest")


def test_what_is_asked_for() -> None:
    since = datetime(2022, 12, 5, 8, tzinfo=UTC)
    assert ask_for_issues("https://api.github.com", "mina/digest", "for the digest", 2, since) == (
        "https://api.github.com/repos/mina/digest/issues?labels=for+the+digest&state=all&sort=updated&direction=asc"
        "&per_page=25&page=2&since=2022-12-05T08%3A00%3A00Z"
    )
