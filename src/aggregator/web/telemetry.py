"""``/metrics`` for Prometheus, which sends a token as programs of the API do; one that may only read is enough."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from fastapi.security import HTTPAuthorizationCredentials

from aggregator.exceptions import StorageError
from aggregator.pipeline.telemetry import MEDIA_TYPE
from aggregator.web.api.errors import ProblemError
from aggregator.web.api.guard import bearer, require_token
from aggregator.web.site import OfSite

router = APIRouter()


@router.get("/metrics")
def show_metrics(
    request: Request,
    site: OfSite,
    after: BackgroundTasks,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Response:
    """Answer what the daemon has done since its start, and how its home is."""
    try:
        require_token(request, site, after, given)
        return Response(site.app.telemetry.render(), media_type=MEDIA_TYPE)
    except ProblemError as error:
        return PlainTextResponse(f"{error}\n", error.problem.status, error.headers)
    except StorageError as error:
        return PlainTextResponse(f"{error}\n", 503)
