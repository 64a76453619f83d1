"""What is refused as expected leaves no trace in the log, and at most a line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.app import App
from world import FEEDS, visit_page

REFUSED: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "bad host": (421, "GET", "/", {"headers": {"Host": "evil.example"}}),
    "bad origin": (403, "POST", "/undo", {"headers": {"Origin": "https://evil.example"}, "data": {"token": "?"}}),
    "wrong token": (403, "POST", "/undo", {"data": {"token": "wrong"}}),
    "too large": (413, "POST", "/undo", {"data": {"token": "x" * 200_000}}),
    "no page": (404, "GET", "/nowhere", {}),
    "no post": (404, "GET", "/posts/99/score", {}),
    "no file": (404, "GET", "/static/../site.py", {}),
    "no such method": (405, "PUT", "/undo", {}),
    "no such method of a file": (405, "POST", "/static/queue.js", {}),
    "wrong key": (403, "GET", "/login?key=wrong", {}),
    "no form": (400, "POST", "/undo", {"content": b"\xff\x00{", "headers": {"Content-Type": "multipart/form-data"}}),
    "a number that is none": (422, "GET", "/sessions?ended=x", {}),
}


@pytest.mark.parametrize("is_known", [True, False])
def test_an_expected_refusal_is_one_line_at_most(
    make_app: Callable[..., App], caplog: pytest.LogCaptureFixture, is_known: bool
) -> None:
    curator = visit_page(make_app(FEEDS))
    if is_known:
        curator.log_in()
        REFUSED["bad origin"][3]["data"]["token"] = curator.token
    caplog.set_level(logging.INFO)

    for case, (status, method, path, sent) in REFUSED.items():
        caplog.clear()
        with capture_logs() as logs:
            answer = curator.client.request(method, path, **sent)
        ours = [record for record in caplog.records if record.name != "httpx2"]

        assert answer.status_code in ({status} if is_known else {status, 401}), case
        assert len(logs) + len(ours) <= 1, case
        assert not any("exc_info" in entry for entry in logs), case
        assert not any(record.exc_info for record in ours), case
