"""The challenge and block pages of bot protection, and what a feed behind them is told to be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.feeds.health import Health, judge_health, list_calls
from aggregator.feeds.schedule import Bounds, plan_after_failure
from aggregator.fetch.walls import find_wall
from aggregator.types import FeedState, QuietTimes
from world import FEED, NOW

PAGE = b"<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>"


@pytest.mark.parametrize(
    ("status", "fields", "body", "wall"),
    [
        (403, {"cf-mitigated": ["challenge"], "server": ["cloudflare"]}, b"", "Cloudflare"),
        (503, {"server": ["cloudflare"]}, PAGE % (b"Just a moment...", b""), "Cloudflare"),
        (403, {}, PAGE % (b"x", b"<script>window._cf_chl_opt={}</script>"), "Cloudflare"),
        (403, {}, PAGE % (b"Attention Required! | Cloudflare", b""), "Cloudflare"),
        (202, {"x-amzn-waf-action": ["challenge"]}, b"", "AWS WAF"),
        (429, {"x-vercel-mitigated": ["challenge"]}, b"", "Vercel"),
        (200, {}, PAGE % (b"Vercel Security Checkpoint", b""), "Vercel"),
        (403, {"server": ["AkamaiGHost"]}, PAGE % (b"Access Denied", b"Reference #18.2"), "Akamai"),
        (200, {}, PAGE % (b"", b'<script src="/x?bm-verify=AAQ"></script>'), "Akamai"),
        (200, {}, b'<html><head><script src="/_Incapsula_Resource?SWJIYLWA=7"></script></head></html>', "Imperva"),
        (403, {"server": ["DataDome"]}, b"", "DataDome"),
        (200, {}, PAGE % (b"", b'<iframe src="/_Incapsula_Resource?x=1">Incapsula incident ID: 7</iframe>'), "Imperva"),
        (404, {}, PAGE % (b"Just a moment...", b"<script>_cf_chl_opt={}</script>Checking your browser"), "Cloudflare"),
        # The site's own answers.
        *(
            (status, {}, PAGE % (title, mark + own), None)
            for status in (200, 404, 500)
            for title, mark in (
                (b"News", b'<script src="/_Incapsula_Resource?SWJIYLWA=7"></script>'),
                (b"News", b"<script>AwsWafIntegration.fetch()</script>"),
                (b"News", b"<script>bm-verify</script>"),
                (b"News", b"<script src=https://ct.captcha-delivery.com/c.js></script>"),
                (b"How the Vercel Security Checkpoint works", b""),
                (b"Just a moment of your time", b""),
            )
            for own in (b'<a href="/posts/1">A post</a>', b"<p>" + b"word " * 100)
        ),
        (403, {"server": ["nginx"]}, PAGE % (b"403 Forbidden", b""), None),
        (200, {"server": ["cloudflare"]}, PAGE % (b"Just a blog", b"/cdn-cgi/challenge-platform/scripts/jsd"), None),
        (200, {}, PAGE % (b"Our site", b"<p>word</p>" * 3000 + b"_Incapsula_Resource"), None),
        (200, {}, b"<rss><channel><title>Just a moment...</title></channel></rss>", None),
    ],
)
def test_protection_is_recognised_by_its_mark(
    status: int, fields: dict[str, list[str]], body: bytes, wall: str | None
) -> None:
    assert find_wall(status, fields, body) == wall


@pytest.mark.parametrize(
    ("status", "wall", "health"),
    [
        (403, None, Health.REFUSED),
        (406, None, Health.REFUSED),
        (429, None, Health.REFUSED),
        (451, None, Health.REFUSED),
        (503, "Cloudflare", Health.REFUSED),
        (200, "Imperva", Health.REFUSED),
        (503, None, Health.FAILING),
        (404, None, Health.FAILING),
        (410, None, Health.GONE),
    ],
)
def test_a_refusal_is_a_state_of_its_own(status: int, wall: str | None, health: Health) -> None:
    state = FeedState(FEED, last_visit_at=NOW, failures=1, last_status=status, last_wall=wall)
    assert judge_health(state, NOW) is health
    assert list_calls(judge_health(state, NOW), (), NOW) == (str(health),)
    assert judge_health(replace(state, failures=0), NOW) is not health


def test_a_site_that_refuses_is_visited_ever_more_rarely() -> None:
    bounds = Bounds(timedelta(minutes=15), timedelta(hours=12))
    waits = [
        plan_after_failure(
            NOW, failures, retry_after=None, bounds=bounds, quiet=QuietTimes(), jitter=0, pace=timedelta(hours=6),
            status=403, is_refused=True,
        ) - NOW
        for failures in (1, 2, 3, 4, 5, 60)
    ]  # fmt: skip
    assert [wait / timedelta(hours=1) for wait in waits] == [6, 12, 24, 48, 72, 72]
