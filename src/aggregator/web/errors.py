"""Errors for a person: a page, or a sentence for the script. Never a traceback."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from aggregator import words
from aggregator.exceptions import (
    AggregatorError,
    DigestError,
    DraftingError,
    MeanwhileError,
    ModelError,
    ModelNotTrainedError,
    NotFoundError,
    ReviewError,
    StorageError,
)
from aggregator.locales import mark, speaking, t
from aggregator.web.guard import HEADERS, OldFormError, find_session, is_from_us, keep_place
from aggregator.web.language.route import choose_language
from aggregator.web.login.view import find_ways, show_login
from aggregator.web.site import Site, get_site, wants_json

log = structlog.get_logger()

_SENTENCES = {
    404: mark("There is no such page."),
    405: mark("This address does not accept this kind of request."),
    413: mark("The request is too large."),
}
#: Seconds after which a browser or a proxy may ask again, if the database failed.
RETRY_SECONDS = "10"
#: Said if the program has a mistake.
UNEXPECTED = mark("Internal error. The log has the details; nothing was stored.")


def add_error_pages(server: FastAPI) -> None:
    server.add_exception_handler(HTTPException, _answer_http)
    server.add_exception_handler(RequestValidationError, _answer_invalid)
    server.add_exception_handler(AggregatorError, _answer_expected)
    server.add_exception_handler(Exception, _answer_unexpected)


def choose_status(error: AggregatorError) -> int:
    match error:
        case NotFoundError():
            return 404
        case MeanwhileError() | ReviewError(verdict="undo" | "redo"):
            return 409  # The post is no longer in the state that the form showed.
        case DigestError() if error.field:
            return 422  # The line of a post cannot be printed.
        case ReviewError():
            return 422  # The form lacks something that this verdict needs.
        case DigestError() | ModelError():
            return 409
        case DraftingError():
            return 502
        case StorageError() | ModelNotTrainedError():
            return 503
    return 500


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    plain = error.detail == HTTPStatus(error.status_code).phrase
    sentence = t(_SENTENCES.get(error.status_code, error.detail)) if plain else error.detail
    if error.status_code == 401:
        sentence = t("You are not logged in, or your session has ended.") + " " + _say_how(get_site(request))
    if isinstance(error, OldFormError) and wants_json(request):
        return JSONResponse({"error": sentence, "token": error.token}, error.status_code)
    answer = _answer(request, error.status_code, sentence, again=isinstance(error, OldFormError))
    answer.headers.update(error.headers or {})
    return answer


def _say_how(site: Site) -> str:
    ways = find_ways(site)
    if ways.link and not ways.password:
        return t("Run `{command} login-link` for a link to log in.", command=site.command)
    return t("Log in from another tab.")


def _answer_invalid(request: Request, error: Exception) -> Response:
    return _answer(request, 422, t("The form could not be read."))


def _answer_expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, AggregatorError)  # noqa: S101 - registered for no other
    status = choose_status(error)
    if status >= 500:
        log.error("a page failed", path=_name_path(request), error=str(error))
    if isinstance(error, StorageError):
        return _answer_silent(request, status, words.sentence(str(error)))
    return _answer(request, status, words.sentence(str(error)))


def _answer_unexpected(request: Request, error: Exception) -> Response:
    log.error("a page failed: internal error", path=_name_path(request), exc_info=error)
    # This handler runs outside all middleware, including those that choose the language and add the headers.
    with speaking(choose_language(request, get_site(request).app.settings.language)):
        answer = _answer(request, 500, t(UNEXPECTED))
    answer.headers.update(HEADERS)
    return answer


def _name_path(request: Request) -> str:
    """Name the page in the log, which may go to others, without the secret of a link that opens it."""
    path, secret = request.url.path, request.path_params.get("secret")
    return path.replace(secret, "…") if secret else path


def _answer_silent(request: Request, status: int, sentence: str) -> Response:
    """Answer without asking the database again, which pages do for the alarm."""
    answer = _answer(request, status, sentence, asks=False)
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def _answer(request: Request, status: int, sentence: str, *, asks: bool = True, again: bool = False) -> Response:
    """Answer with a page, or with the sentence for the script. With *again*, the page offers to resend the form."""
    if wants_json(request):
        return JSONResponse({"error": sentence}, status)
    site = get_site(request)
    try:
        session = find_session(request, site)
    except StorageError:
        session = None  # The page says what is wrong with the database.
    sent = getattr(request.state, "sent", []) if again or (status == 401 and is_from_us(request, site)) else []
    if status == 401:
        path = request.url.path
        return keep_place(request, site, show_login(site, status=status, path=path, sent=sent))
    return site.page(
        "error.html",
        status=status,
        code=status,
        title=_title(status),
        sentences=sentence.splitlines(),
        token=session.token if session else "",
        asks=asks,
        path=request.url.path,
        sent=sent,
    )


def _title(status: int) -> str:
    titles = {
        403: t("Not allowed"),
        404: t("Not found"),
        405: t("Method Not Allowed"),
        413: t("Request Entity Too Large"),
        429: t("Wait a little"),
        409: t("Not possible now"),
        422: t("Something is missing"),
    }
    return titles.get(status, t("Something went wrong") if status >= 500 else HTTPStatus(status).phrase)
