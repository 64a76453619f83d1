"""Builds the API, an application of its own below ``/api/v1``: its errors are JSON, and its OpenAPI has no pages."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from fastapi import APIRouter, FastAPI

from aggregator import __version__
from aggregator.web.api import (
    aftermath,
    copies,
    corrections,
    digests,
    feeds,
    history,
    many,
    months,
    posts,
    ranking,
    review,
    syndication,
    texts,
    years,
)
from aggregator.web.api.errors import MEDIA_TYPE, Problem, add_problems
from aggregator.web.attempts import Attempts
from aggregator.web.site import Site

PREFIX = "/api/v1"
_REFUSED = "#/components/responses/Problem"
_REF = "#/components/schemas/{model}"

# Each server has the same routes, so FastAPI builds them once. Operations have the names of their functions.
_PARTS = APIRouter(generate_unique_id_function=attrgetter("name"))
for _part in (
    months,
    posts,
    review,
    many,
    history,
    copies,
    feeds,
    digests,
    corrections,
    years,
    aftermath,
    ranking,
    texts,
    syndication,
):
    _PARTS.include_router(_part.router)


class _Api(FastAPI):
    """FastAPI, but its OpenAPI says the one shape of all errors."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            schema = super().openapi()
            schemas = schema["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            own = Problem.model_json_schema(ref_template=_REF, mode="serialization")
            schemas.update(own.pop("$defs"))
            schemas["Problem"] = own
            content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
            schema["components"]["responses"] = {"Problem": {"description": "Refused.", "content": content}}
            for operations in schema["paths"].values():
                for operation in operations.values():
                    operation["responses"].pop("422", None)
                    operation["responses"] |= {key: {"$ref": _REFUSED} for key in ("4XX", "5XX")}
        return self.openapi_schema or {}


def create_api(site: Site) -> FastAPI:
    """Create the application that the page mounts below ``PREFIX``."""
    api = _Api(
        title="aggregator",
        version=__version__,
        summary="Reviews the month and prints the digest.",
        description="Every request has a token (`aggregator token add NAME`); what it does is in the history under the "
        "name of the token. An error is a problem as in RFC 9457.",
        docs_url=None,
        redoc_url=None,
    )
    api.state.site = site
    api.state.attempts = Attempts(site.app.session_clock)
    api.router.routes.extend(_PARTS.routes)
    add_problems(api)
    return api
