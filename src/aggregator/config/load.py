"""Reading feeds.toml and the environment."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.addresses.urls import origin_of
from aggregator.config.mistakes import ENVIRONMENT_PREFIX, explain_mistake, find_line, name_variable, suggest_nearest
from aggregator.config.settings import FeedTable, Settings, Table
from aggregator.exceptions import ConfigError
from aggregator.locales import mark, t
from aggregator.places import PLACES, find_feeds, find_home, name_database
from aggregator.types import Credentials, Feed, TalkSource

_UNREADABLE = mark(
    "the environment variable {variable} contains neither name:password nor a value for the Authorization header such "
    "as Bearer …"
)
_UNSET = mark(
    "the environment variable {variable} is not set; it has to contain name:password or a value for the Authorization "
    "header such as Bearer …"
)
_NO_URL = mark(
    "the environment variable {variable} has to contain a URL of Apprise such as "
    "mailto://name:password@mail.example or slack://…"
)
_NO_SECRET = mark("the environment variable {variable} has to contain a secret of at least {number} characters")
_SHORTEST_SECRET = 16
_NO_KEY = mark("the environment variable {variable} has to contain the key of the endpoint")
_NO_TOKEN = mark("the environment variable {variable} has to contain a token of GitHub")
_GITHUB = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    home: Path
    file: Path
    settings: Settings
    feeds: tuple[Feed, ...]
    #: By feed key.
    credentials: Mapping[str, Credentials] = field(default_factory=dict)

    #: The environment that the settings were read from; it contains secrets.
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Where notices are sent, by the name of the environment variable; these URLs contain secrets.
    notice_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: What signs that a digest was printed; empty if nothing is sent.
    print_secret: str = field(default="", repr=False)
    #: The environment for commands of the operator: without settings of this program and without its secrets.
    plain_environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: The key of the endpoint that drafts notes.
    drafting_key: Credentials | None = field(default=None, repr=False)
    #: The token that GitHub is asked for stars with.
    github_token: Credentials | None = field(default=None, repr=False)

    @property
    def database(self) -> str | Path:
        """The address from the settings, else the file in the home folder."""
        return self.settings.database_url or name_database(self.home)

    def read_again(self) -> Config:
        """Load the same file and environment again. Raises ConfigError."""
        return load_config(self.environment, home=self.home, file=self.file)


def load_config(environment: Mapping[str, str], *, home: Path | None = None, file: Path | None = None) -> Config:
    """Read feeds.toml and the environment; raises ConfigError at the first mistake.

    *home* and *file* override ``AGGREGATOR_HOME`` and ``AGGREGATOR_FEEDS``. Without either, state is in the platform's
    data folder and the feeds come from the home folder, else the working folder, else the shipped list.
    """
    home = home or find_home(environment)
    file = file or find_feeds(environment, home)
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(t("cannot be read: {error}", error=error.strerror), file=str(file)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(t("is not UTF-8 (byte {number})", number=error.start), file=str(file)) from error
    except (ValueError, RecursionError) as error:
        # Also a number of thousands of digits, and endlessly nested brackets.
        raise ConfigError(t("is not valid TOML: {error}", error=error), file=str(file)) from error
    feeds, variables = _read_feeds(data.pop("feeds", {}), file=str(file), text=text)
    # A variable with credentials is not a setting, whatever its name.
    secret = {*variables.values(), *_list_named(data)}
    others = {name: value for name, value in environment.items() if name not in secret}
    settings = _read_settings(data, others, file=str(file), text=text)
    # The environment may have named more of them.
    secret |= {settings.digest.after_print_secret, settings.drafting.credentials or "", *settings.notices.urls}
    secret |= {settings.talk.github_token or ""}
    return Config(
        home=home.expanduser(),
        file=file,
        settings=settings,
        feeds=feeds,
        credentials={
            feed.key: _read_credentials(feed, variables[feed.key], environment, file=str(file), text=text)
            for feed in feeds
            if feed.key in variables
        },
        environment=environment,
        notice_urls=_read_notice_urls(settings, environment, file=str(file), text=text),
        print_secret=_read_print_secret(settings, environment, file=str(file), text=text),
        plain_environment={
            name: value
            for name, value in environment.items()
            if not name.startswith(ENVIRONMENT_PREFIX) and name not in secret
        },
        drafting_key=_read_drafting_key(settings, environment, file=str(file), text=text),
        github_token=_read_github_token(settings, environment, file=str(file), text=text),
    )


def _read_settings(data: dict[str, Any], environment: Mapping[str, str], *, file: str, text: str) -> Settings:
    variables = {name_variable(path): path for path in _list_settings()}
    overridden: set[tuple[str, ...]] = set()
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in PLACES:
            continue
        if variable not in variables:
            near = suggest_nearest(variable, [*variables, *PLACES])
            raise ConfigError(t("is not a setting; {suggestion}", suggestion=near), file=t("environment"), key=variable)
        *tables, key = path = variables[variable]
        _subtable(data, tables, file)[key] = value
        overridden.add(tuple(path))
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise explain_mistake(error, Settings, file=file, text=text, overridden=overridden) from None


def _subtable(data: dict[str, Any], tables: list[str], file: str) -> dict[str, Any]:
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            raise ConfigError(t("is a table, not {value}", value=repr(data)), file=file, key=table)
    return data


def _read_feeds(tables: Any, *, file: str, text: str) -> tuple[tuple[Feed, ...], dict[str, str]]:
    """The feeds, and by feed key the names of the environment variables with credentials."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ConfigError(t("every feed is a table of its own, such as [feeds.netflix]"), file=file, key="feeds")
    feeds: dict[str, Feed] = {}
    variables: dict[str, str] = {}
    for key, table in tables.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
            raise ConfigError(
                t("a feed's key consists of lower-case letters, digits, - and _"),
                file=file,
                key=f"feeds.{key}",
                line=find_line(text, ("feeds", key)),
            )
        try:
            read = FeedTable.model_validate(table)
        except ValidationError as error:
            raise explain_mistake(error, FeedTable, file=file, text=text, prefix=("feeds", key)) from None
        if twin := next((other for other in feeds.values() if other.url == read.url), None):
            raise ConfigError(
                t("the address is that of feeds.{key} already", key=twin.key),
                file=file,
                key=f"feeds.{key}.url",
                line=find_line(text, ("feeds", key, "url")),
            )
        feeds[key] = Feed(key=key, **read.model_dump(exclude={"credentials"}))
        if read.credentials:
            variables[key] = read.credentials
    return tuple(feeds.values()), variables


def _read_credentials(
    feed: Feed, variable: str, environment: Mapping[str, str], *, file: str, text: str
) -> Credentials:
    """``name:password`` (RFC 7617), or a whole value such as ``Bearer …`` (RFC 9110, 11.4), from the environment."""
    value = environment.get(variable, "").strip()
    if re.match(r"[A-Za-z][\w-]* +\S", value) and value.isascii() and value.isprintable():
        return Credentials(origin_of(feed.url), value)
    if ":" in value and value.isprintable():
        return Credentials(origin_of(feed.url), "Basic " + base64.b64encode(value.encode()).decode())
    message = t(_UNREADABLE if value else _UNSET, variable=variable)
    place = ("feeds", feed.key, "credentials")
    raise ConfigError(message, file=file, key=".".join(place), line=find_line(text, place))


def _list_named(data: dict[str, Any]) -> list[str]:
    """The variables that settings name, as far as these can be read before they are checked."""
    tables = {name: table for name, table in data.items() if isinstance(table, dict)}
    urls = tables.get("notices", {}).get("urls")
    named = [
        *(urls if isinstance(urls, list) else []),
        tables.get("digest", {}).get("after_print_secret"),
        tables.get("drafting", {}).get("credentials"),
        tables.get("talk", {}).get("github_token"),
    ]
    return [name for name in named if isinstance(name, str)]


def _read_print_secret(settings: Settings, environment: Mapping[str, str], *, file: str, text: str) -> str:
    variable = settings.digest.after_print_secret
    secret = environment.get(variable, "").strip() if variable else ""
    if variable and len(secret) < _SHORTEST_SECRET:
        place = ("digest", "after_print_secret")
        message = t(_NO_SECRET, variable=variable, number=_SHORTEST_SECRET)
        raise ConfigError(message, file=file, key=".".join(place), line=find_line(text, place))
    return secret


def _read_notice_urls(settings: Settings, environment: Mapping[str, str], *, file: str, text: str) -> Mapping[str, str]:
    found = {variable: environment.get(variable, "").strip() for variable in settings.notices.urls}
    for variable, url in found.items():
        if not re.match(r"[a-z][a-z0-9]*://", url, re.IGNORECASE):
            place = ("notices", "urls")
            message = t(_NO_URL, variable=variable)
            raise ConfigError(message, file=file, key=".".join(place), line=find_line(text, place))
    return found


def _read_drafting_key(
    settings: Settings, environment: Mapping[str, str], *, file: str, text: str
) -> Credentials | None:
    if not settings.drafting.endpoint:
        return None
    key = _read_key(settings.drafting.credentials, environment, "drafting.credentials", _NO_KEY, file=file, text=text)
    return Credentials(origin_of(settings.drafting.endpoint), key) if key else None


def _read_github_token(
    settings: Settings, environment: Mapping[str, str], *, file: str, text: str
) -> Credentials | None:
    if TalkSource.GITHUB not in settings.talk.asked:
        return None
    key = _read_key(settings.talk.github_token, environment, "talk.github_token", _NO_TOKEN, file=file, text=text)
    base = settings.talk.addresses.get(TalkSource.GITHUB, _GITHUB)
    return Credentials(origin_of(base), key) if key else None


def _read_key(
    variable: str | None, environment: Mapping[str, str], setting: str, message: str, *, file: str, text: str
) -> str:
    """A key alone, or a whole value such as ``Bearer …``, from the environment; empty without a variable."""
    if variable is None:
        return ""
    value = environment.get(variable, "").strip()
    if not value or not value.isascii() or not value.isprintable():
        line = find_line(text, tuple(setting.split(".")))
        raise ConfigError(t(message, variable=variable), file=file, key=setting, line=line)
    return value if " " in value else f"Bearer {value}"


def _list_settings(model: type[BaseModel] = Settings, prefix: tuple[str, ...] = ()) -> list[list[str]]:
    """The path of every setting with a single value."""
    paths: list[list[str]] = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Table):
            paths += _list_settings(kind, (*prefix, name))
        elif not str(kind).startswith("dict"):
            paths.append([*prefix, name])
    return paths
