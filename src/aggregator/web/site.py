"""What every page needs: the App, the templates and the sessions, put together once by ``server.create_server``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import jinja2
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from aggregator import words
from aggregator.app import App
from aggregator.exceptions import NotFoundError, StorageError
from aggregator.pipeline import follow
from aggregator.pipeline.sessions import Sessions
from aggregator.storage.numbers import read_id
from aggregator.types import Month
from aggregator.web.attempts import Attempts
from aggregator.web.paths import path_in_queue
from aggregator.words.feeds import say_alarm

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """An App as it is served."""

    app: App
    sessions: Sessions
    attempts: Attempts
    templates: jinja2.Environment

    def render(self, template: str, **values: Any) -> str:
        return self.templates.get_template(template).render(**values)

    def page(self, template: str, *, token: str, status: int = 200, asks: bool = True, **values: Any) -> HTMLResponse:
        """A whole page; *token* is that of the session, empty for who has not logged in. It *asks* for the alarm."""
        alarm = self._find_alarm() if token and asks else None
        # As the alarm it is no business of who has not logged in.
        mistake = self.app.feeds_file.mistake if token else None
        return HTMLResponse(self.render(template, token=token, alarm=alarm, mistake=mistake, **values), status)

    def _find_alarm(self) -> str | None:
        """The sentence that stands on every page while no feed can be visited."""
        try:
            alarm = follow.find_alarm(self.app)
        except StorageError:
            return None  # The page itself says what is wrong with the database, or does not need it.
        return say_alarm(alarm, self.app.now, self.app.zone) if alarm else None


def build_site(app: App) -> Site:
    return Site(app, Sessions(app.login_key, app.database, app.clock), Attempts(app.clock), load_templates())


@cache
def load_templates() -> jinja2.Environment:
    """The templates, each compiled once in a process."""
    templates = jinja2.Environment(
        # Those of a page stand beside it: queue/queue.html.
        loader=jinja2.FileSystemLoader([FOLDER / "templates", FOLDER]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(are=words.are, count=words.count, percent=words.percent, sentence=words.sentence)
    templates.globals.update(path_in_queue=path_in_queue)
    return templates


def get_site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


OfSite = Annotated[Site, Depends(get_site)]


async def read_typed(request: Request) -> dict[str, str]:
    """What was typed into a form, by the names of its fields."""
    form = await request.form()
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


OfTyped = Annotated[dict[str, str], Depends(read_typed)]


def read_month(text: str) -> Month:
    """The month of an address; raises NotFoundError for what is none."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise NotFoundError(f"{error}.") from error


def read_post_id(text: str) -> int:
    """The number of a post in an address; raises NotFoundError for what is none."""
    return read_number("post", text)


def read_number(noun: str, text: str) -> int:
    """The number of such a thing in an address; raises NotFoundError for what is none."""
    number = read_id(text)
    if number is None:
        raise NotFoundError(f"there is no {noun} {text}")
    return number


def wants_json(request: Request) -> bool:
    """Whether the script asks, and not a person's browser."""
    return "application/json" in request.headers.get("accept", "")
