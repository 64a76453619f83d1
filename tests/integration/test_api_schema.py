"""The OpenAPI of the API is kept: requests made from it get the answers that it promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from aggregator.app import App
from aggregator.pipeline import tokens
from aggregator.web.server import create_server
from profiles import one_of_many
from world import FEEDS, fill

#: What only the API itself knows is tried in ``test_api.py``: a pause after wrong tokens, and which posts allow what.
UNASKED = [ignored_auth, positive_data_acceptance]


@pytest.fixture
def app(make_app: Callable[..., App], kept_fits: None, fit_here: None) -> App:
    app = make_app(FEEDS)
    app.learner.get()
    return app


def test_requests_made_from_the_schema_get_the_answers_that_it_names(app: App) -> None:
    known = {"post": list(fill(app).values()), "month": ["2022-12"], "key": [feed.key for feed in FEEDS]}
    headers = {"Authorization": f"Bearer {tokens.add_token(app, 'script')[1]}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_server(app))
    answers: Counter[int] = Counter()

    def try_out(operation: Any) -> None:
        @one_of_many
        @given(st.data())
        def law(data: st.DataObject) -> None:
            case = data.draw(operation.as_strategy())
            # A visit would look for its feed on the network.
            for name in () if operation.path.endswith("/visit") else known.keys() & case.path_parameters.keys():
                case.path_parameters[name] = data.draw(
                    st.sampled_from(known[name]) | st.just(case.path_parameters[name])
                )
            if operation.path == "/posts" and isinstance(case.body, dict) and "url" in case.body:
                # Nobody answers there.
                case.body["url"] = "http://127.0.0.1:9/post"
            response = case.call(headers=headers)
            answers[response.status_code] += 1
            case.validate_response(response, excluded_checks=UNASKED)

        law()

    for found in schema.get_all_operations():
        try_out(found.ok())

    assert answers.keys() >= {200, 404, 409, 422}
