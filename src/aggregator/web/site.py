"""What every page needs: the App, the templates and the sessions; built once by ``server.create_server``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import jinja2
from anyio import CapacityLimiter
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from aggregator import words
from aggregator.app import App
from aggregator.exceptions import NotFoundError, StorageError
from aggregator.locales import LANGUAGES, get_language, mark, t, tn, tp
from aggregator.pipeline import follow
from aggregator.pipeline.sessions import Sessions
from aggregator.storage.numbers import read_id
from aggregator.types import Month
from aggregator.web.attempts import Allowance, Attempts
from aggregator.web.paths import path_in_queue
from aggregator.words.feeds import say_alarm
from aggregator.words.rehearsal import describe_rehearsal

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """An App with its templates and sessions."""

    app: App
    sessions: Sessions
    #: Wrong passwords.
    attempts: Attempts
    #: Wrong links. They are apart, because any site can let the curator's own browser open one.
    link_attempts: Attempts
    #: What those have sent who have no session.
    guests: Allowance
    #: For checking passwords: one at a time, since each takes 64 MB, and in no thread that other pages wait for.
    checking: CapacityLimiter
    templates: jinja2.Environment
    #: How to call this program for the same home.
    command: str

    def render(self, template: str, **values: Any) -> str:
        settings = self.app.settings
        values = {"keys": settings.keys, "most_highlights": settings.digest.highlights, **values}
        values["rehearsal"] = describe_rehearsal(self.app)
        return self.templates.get_template(template).render(values)

    def page(self, template: str, *, token: str, status: int = 200, asks: bool = True, **values: Any) -> HTMLResponse:
        """Render a whole page. *token* is that of the session, empty without one; *asks* whether to show the alarm."""
        alarm = self._find_alarm() if token and asks else None
        # Like the alarm, it is only for those who have logged in.
        mistake = self.app.feeds_file.mistake if token else None
        return HTMLResponse(self.render(template, token=token, alarm=alarm, mistake=mistake, **values), status)

    def find_base(self, request: Request) -> str:
        """The address of this site as others know it: by the settings, else as it was asked for."""
        return self.app.settings.server.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"

    def _find_alarm(self) -> str | None:
        """Find the sentence that every page shows while no feed can be visited."""
        try:
            alarm = follow.find_alarm(self.app)
        except StorageError:
            return None  # The page itself says what is wrong with the database, or does not need the database.
        return say_alarm(alarm, self.app.now, self.app.zone) if alarm else None


def build_site(app: App, command: str = "aggregator") -> Site:
    clock = app.session_clock
    sessions, limiter = Sessions(app.login_key, app.database, clock), CapacityLimiter(1)
    attempts, link_attempts, guests = Attempts(clock), Attempts(clock), Allowance(clock)
    return Site(app, sessions, attempts, link_attempts, guests, limiter, load_templates(), command)


@cache
def load_templates() -> jinja2.Environment:
    """Load the templates; each is compiled once per process."""
    templates = jinja2.Environment(
        # The templates of a page are in its folder: queue/queue.html.
        loader=jinja2.FileSystemLoader([FOLDER / "templates", FOLDER]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # Otherwise each use of a template looks at its file.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        capitalise=words.capitalise,
        key=show_key,
        percent=words.percent,
        said=t,
        sentence=words.sentence,
    )
    templates.globals.update(
        path_in_queue=path_in_queue,
        t=_with_markup(t),
        tn=_with_markup(tn),
        tp=_with_markup(tp),
        languages=LANGUAGES,
        get_language=get_language,
        translate_scripts=translate_scripts,
    )
    return templates


def _with_markup(say: Callable[..., str]) -> Callable[..., Markup]:
    """Let sentences of templates have markup; what is filled in is escaped unless it is markup itself."""

    def fill_in(*message: Any, **values: Any) -> Markup:
        return Markup(say(*message, **{name: escape(value) for name, value in values.items()}))  # noqa: S704 - escaped

    return fill_in


@cache
def _list_said_by_scripts() -> tuple[str, ...]:
    """List the sentences of the scripts: each stands whole in a call of ``t``."""
    scripts = "".join(script.read_text(encoding="utf-8") for script in sorted(FOLDER.glob("*/*.js")))
    return tuple(dict.fromkeys(re.findall(r'\bt\("([^"]+)"', scripts)))


def translate_scripts() -> dict[str, str]:
    """Say the sentences of the scripts in the present language, by their English."""
    return {message: t(message) for message in _list_said_by_scripts()}


def show_key(key: str) -> str:
    """Return a key as it is shown: ``A`` for a, ``Shift A`` for A."""
    return f"Shift {key}" if key != key.lower() else key.upper()


def get_site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


OfSite = Annotated[Site, Depends(get_site)]


async def read_typed(request: Request) -> dict[str, str]:
    """Read what was typed into a form, by the names of its fields."""
    form = await request.form()
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


OfTyped = Annotated[dict[str, str], Depends(read_typed)]


def read_month(text: str) -> Month:
    """Read the month in an address. Raises NotFoundError if it is not one."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise NotFoundError(str(error)) from error


def read_post_id(text: str) -> int:
    """Read the number of a post in an address. Raises NotFoundError if it is not a number."""
    return read_number(mark("there is no post {number}"), text)


def read_number(missing: str, text: str) -> int:
    """Read the number of something in an address. Raises NotFoundError, which says that it is *missing*, if it is not a
    number.
    """
    number = read_id(text)
    if number is None:
        raise NotFoundError(t(missing, number=text))
    return number


def wants_json(request: Request) -> bool:
    """Whether the script asks, and not the browser itself."""
    return "application/json" in request.headers.get("accept", "")
