"""The page of the section model: what it learned, how it did, and which version is in use."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import ModelError
from aggregator.locales import mark, t
from aggregator.pipeline import publish
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.model.view import build_model
from aggregator.web.site import OfSite, Site
from aggregator.words import sentence

router = APIRouter(prefix="/model", dependencies=[Depends(require_session)])


class Done(StrEnum):
    """What a form of this page did."""

    FIT = "fit"
    USE = "use"
    UNPIN = "unpin"


_SAID = {
    Done.FIT: mark("A new model is being fitted. Reload the page in a while to see the result."),
    Done.USE: mark(
        "Another model is in use. New models do not replace it until you let them. Undecided posts are guessed again "
        "within a minute."
    ),
    Done.UNPIN: mark("New models may replace this one again; it stays in use until one does."),
}


@router.get("")
def show_model(site: OfSite, session: OfSession, done: str = "") -> Response:
    return _show(site, session.token, said=t(_SAID[Done(done)]) if done in set(Done) else None)


@router.post("/fit", dependencies=[OwnForm])
def fit(site: OfSite, session: OfSession) -> Response:
    return _try(site, session.token, Done.FIT, site.app.learner.fit_in_background)


@router.post("/use", dependencies=[OwnForm])
def use(site: OfSite, session: OfSession, version: Annotated[str, Form(max_length=200)] = "") -> Response:
    return _try(site, session.token, Done.USE, lambda: site.app.learner.use(version))


@router.post("/back", dependencies=[OwnForm])
def go_back(site: OfSite, session: OfSession) -> Response:
    return _try(site, session.token, Done.USE, site.app.learner.go_back)


@router.post("/unpin", dependencies=[OwnForm])
def unpin(site: OfSite, session: OfSession) -> Response:
    return _try(site, session.token, Done.UNPIN, site.app.learner.unpin)


def _try(site: Site, token: str, done: Done, change: Callable[[], object]) -> Response:
    """Make the change and go back to the page; if it is refused, with the reason."""
    try:
        change()
    except ModelError as error:
        return _show(site, token, refused=sentence(str(error)), status=409)
    return RedirectResponse(f"/model?done={done}", 303)


def _show(
    site: Site, token: str, *, said: str | None = None, refused: str | None = None, status: int = 200
) -> Response:
    learning = site.app.settings.learning
    view = build_model(
        site.app.learner.look(),
        publish.get_texts(site.app),
        site.app.zone,
        after_decisions=learning.after_decisions,
        nightly_hour=learning.nightly_hour,
    )
    return site.page("model/model.html", view=view, said=said, refused=refused, token=token, status=status)
