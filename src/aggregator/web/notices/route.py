"""The page of notices: where they are sent, the newest ones, and a test."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from aggregator.pipeline.notices import list_newest, send_test
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, Site
from aggregator.words.feeds import When, say_when
from aggregator.words.notices import say_arrival, say_kinds, say_outcome, say_service

router = APIRouter(dependencies=[Depends(require_session)])

_SHOWN = 30


@dataclass(frozen=True, slots=True)
class _Place:
    variable: str
    service: str
    #: What came of a test; empty without one.
    outcome: str


@dataclass(frozen=True, slots=True)
class _Told:
    said: str
    due: When | None
    arrival: str


@router.get("/notices")
def show_notices(site: OfSite, session: OfSession) -> Response:
    return _show(site, session.token, {})


@router.post("/notices/test", dependencies=[OwnForm])
def send_tests(site: OfSite, session: OfSession) -> Response:
    config = site.app.config
    # A page that has been left waits for nothing longer than the time limit.
    outcomes = send_test(config.settings, config.notice_urls, threading.Event())
    return _show(site, session.token, {name: say_outcome(reason) for name, reason in outcomes.items()})


def _show(site: Site, token: str, outcomes: Mapping[str, str]) -> Response:
    app = site.app
    places = [_Place(name, say_service(url), outcomes.get(name, "")) for name, url in app.config.notice_urls.items()]
    told = [
        _Told(notice.said, say_when(notice.due_at, app.now, app.zone), say_arrival(notice, app.config.notice_urls))
        for notice in list_newest(app, _SHOWN)
    ]
    kinds = say_kinds(app.settings.notices) if places else []
    return site.page("notices/notices.html", places=places, kinds=kinds, told=told, token=token)
