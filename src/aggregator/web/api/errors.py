"""Errors of the API: JSON of one shape (RFC 9457), never a page."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from aggregator import words
from aggregator.exceptions import AggregatorError, ConfigError, DigestError, FeedError, RuleError, StorageError
from aggregator.shapes.posts import TextShape
from aggregator.web.errors import RETRY_SECONDS, UNEXPECTED, choose_status

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(examples=["section"])
    detail: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457). Nothing was changed."""

    type: str = "about:blank"
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(description="One sentence for a person.")
    errors: list[Fault] = Field(default=[], description="What is wrong, by field.")
    post: TextShape | None = Field(default=None, description="409: the post as somebody else has left it meanwhile.")
    sent: dict[str, Any] | None = Field(default=None, description="409: what was sent, to be merged and sent again.")


class ProblemError(Exception):
    """A request that cannot be answered as wanted."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
        self.headers = headers or {}


def refuse_field(field: str, error: Exception) -> ProblemError:
    """A field that cannot be read."""
    detail = words.sentence(str(error))
    return ProblemError(422, detail, errors=[Fault(field=field, detail=detail)])


def add_problems(api: FastAPI) -> None:
    api.add_exception_handler(ProblemError, _answer_problem)
    api.add_exception_handler(HTTPException, _answer_http)
    api.add_exception_handler(RequestValidationError, _answer_invalid)
    api.add_exception_handler(AggregatorError, _answer_expected)
    api.add_exception_handler(Exception, _answer_unexpected)


def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for no other
    content = error.problem.model_dump(mode="json", exclude_defaults=True)
    return JSONResponse({"type": error.problem.type, **content}, error.problem.status, error.headers, MEDIA_TYPE)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    detail = words.sentence(str(error.detail))
    return _answer_problem(request, ProblemError(error.status_code, detail, headers=dict(error.headers or {})))


def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for no other
    faults = [Fault(field=".".join(map(str, each["loc"])), detail=each["msg"]) for each in error.errors()]
    return _answer_problem(request, ProblemError(422, "The request could not be read.", errors=faults))


def _answer_expected(request: Request, error: Exception) -> Response:
    field, headers = "", {}
    match error:
        case ConfigError() | RuleError() | FeedError():
            status, field = 422, str(getattr(error, "key", "") or getattr(error, "field", ""))
        case DigestError() if error.field:
            status, field = 422, error.field
        case AggregatorError():
            status = choose_status(error)
            headers = {"Retry-After": RETRY_SECONDS} if isinstance(error, StorageError) else {}
        case _:
            raise error
    if status >= 500:
        log.error("a request failed", path=request.url.path, error=str(error))
    detail = words.sentence(str(error))
    faults = [Fault(field=field, detail=detail)] if field else []
    return _answer_problem(request, ProblemError(status, detail, headers=headers, errors=faults))


def _answer_unexpected(request: Request, error: Exception) -> Response:
    # The application that this one is mounted in gets the exception, too, and logs it.
    return _answer_problem(request, ProblemError(500, UNEXPECTED))
