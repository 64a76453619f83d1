"""The page of the curator's own list: what would have been proposed of its last issues."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.pipeline import publish
from aggregator.pipeline.own_list import read_answer
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.own_list.view import COLUMNS, build_own_list
from aggregator.web.site import OfSite
from aggregator.words.own_list_picture import draw_answer

router = APIRouter(prefix="/figures/list", dependencies=[Depends(require_session)])


@router.get("")
def show_own_list(site: OfSite, session: OfSession) -> Response:
    tester, answer = site.app.list_tester, read_answer(site.app)
    view = build_own_list(answer, publish.get_texts(site.app), site.app.zone) if answer else None
    return site.page(
        "own_list/own_list.html",
        view=view,
        columns=COLUMNS,
        is_testing=tester.is_testing,
        trouble=tester.say_trouble(),
        token=session.token,
    )


@router.post("/test", dependencies=[OwnForm])
def test_own_list(site: OfSite) -> Response:
    """Begin a test; the page says that it is under way, and shows the answer once it is kept."""
    site.app.list_tester.begin()
    return RedirectResponse("/figures/list", 303)


@router.get("/picture.svg")
def get_picture(site: OfSite) -> Response:
    """The picture as a file that stands alone."""
    answer = read_answer(site.app)
    if answer is None:
        raise NotFoundError(t("the list was not tested yet"))
    picture = draw_answer(answer, publish.get_texts(site.app))
    headers = {"Content-Disposition": 'attachment; filename="own-list.svg"'}
    return Response(picture, media_type="image/svg+xml", headers=headers)
