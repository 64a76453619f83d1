"""Reading feeds.toml and the environment."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.addresses.urls import origin_of
from aggregator.config.changes import check_key
from aggregator.config.database import add_password
from aggregator.config.mistakes import ENVIRONMENT_PREFIX, explain_mistake, find_line, name_variable, suggest_nearest
from aggregator.config.settings import NAMING_VARIABLES, FeedTable, Settings, Table
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
_NO_PROXY = mark(
    "the environment variable {variable} has to contain the address of an HTTP proxy such as "
    "http://name:password@proxy.example:3128"
)
_PROXY = re.compile(
    r"https?://(?:[^\s/?#@]++@)?(?:\[[0-9a-f:.]++\]|[^\s/?#@:\[\]]++)(?::\d{1,5})?/?", re.IGNORECASE | re.ASCII
)
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
    #: The addresses of the proxies through which feeds are visited, by feed key; they may contain passwords.
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)

    #: The environment that the settings were read from; it contains secrets.
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Where notices are sent, by the name of the environment variable; these URLs contain secrets.
    notice_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: What signs that a digest was printed; empty if nothing is sent.
    print_secret: str = field(default="", repr=False)
    #: The address of the database with its password, if ``database_password_file`` has it.
    database_address: str = field(default="", repr=False)
    #: The environment for commands of the operator: without settings of this program and without its secrets.
    plain_environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: The key of the endpoint that drafts notes.
    drafting_key: Credentials | None = field(default=None, repr=False)
    #: The token that GitHub is asked for stars with.
    github_token: Credentials | None = field(default=None, repr=False)

    @property
    def database(self) -> str | Path:
        """The address from the settings, with its password, else the file in the home folder."""
        return self.database_address or self.settings.database_url or name_database(self.home)

    def read_again(self, text: str | None = None) -> Config:
        """Load the same file and environment again, or another *text* in place of the file. Raises ConfigError."""
        return load_config(self.environment, home=self.home, file=self.file, text=text)


def load_config(
    environment: Mapping[str, str], *, home: Path | None = None, file: Path | None = None, text: str | None = None
) -> Config:
    """Read feeds.toml and the environment; raises ConfigError at the first mistake.

    *home* and *file* override ``AGGREGATOR_HOME`` and ``AGGREGATOR_FEEDS``. Without either, state is in the platform's
    data folder and the feeds come from the home folder, else the working folder, else the shipped list. *text* is what
    the file would say, to check it before it is written.
    """
    home = home or find_home(environment)
    file = file or find_feeds(environment, home)
    try:
        text = (read_feeds_file(file) if text is None else text).removeprefix("\ufeff")
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Also a number of thousands of digits, and endlessly nested brackets.
        raise ConfigError(t("is not valid TOML: {error}", error=error), file=str(file)) from error
    feeds, named = _read_feeds(data.pop("feeds", {}), file=str(file), text=text)
    variables = named["credentials"]
    # A variable with credentials is not a setting, whatever its name.
    secret = {*variables.values(), *named["proxy"].values(), *_list_named(data)}
    others = {name: value for name, value in environment.items() if name not in secret}
    settings = _read_settings(data, others, file=str(file), text=text)
    # The environment may have named more of them.
    secret |= {settings.digest.after_print_secret, settings.drafting.credentials or "", *settings.notices.urls}
    secret |= {settings.visits.proxy or "", settings.talk.github_token or ""}
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
        proxies=_read_proxies(settings, feeds, named["proxy"], environment, file=str(file), text=text),
        environment=environment,
        notice_urls=_read_notice_urls(settings, environment, file=str(file), text=text),
        database_address=_read_database_address(settings, file=str(file), text=text),
        print_secret=_read_print_secret(settings, environment, file=str(file), text=text),
        plain_environment={
            name: value
            for name, value in environment.items()
            if not name.startswith(ENVIRONMENT_PREFIX) and name not in secret
        },
        drafting_key=_read_drafting_key(settings, environment, file=str(file), text=text),
        github_token=_read_github_token(settings, environment, file=str(file), text=text),
    )


def read_feeds_file(file: Path) -> str:
    """The text of feeds.toml with its mark and its ends of lines as they are. Raises ConfigError."""
    try:
        return file.read_bytes().decode()
    except OSError as error:
        raise ConfigError(t("cannot be read: {error}", error=error.strerror), file=str(file)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(t("is not UTF-8 (byte {number})", number=error.start), file=str(file)) from error


def read_listed(text: str, file: Path) -> tuple[Feed, ...]:
    """The feeds that a text of feeds.toml lists, without its settings. Raises ConfigError."""
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff")).get("feeds", {})
    except (ValueError, RecursionError) as error:
        raise ConfigError(t("is not valid TOML: {error}", error=error), file=str(file)) from error
    return _read_feeds(tables, file=str(file), text=text)[0]


def check_feed(key: str, table: Mapping[str, Any], *, file: str, line: int | None = None) -> Feed:
    """Read the table of one feed that is not in feeds.toml yet. Raises ConfigError, which names *file* and *line*."""
    try:
        return _read_feeds({key: dict(table)}, file=file, text="")[0][0]
    except ConfigError as error:
        place, _, said = str(error).partition(f"{error.key}: ")
        raise ConfigError(said or place, file=file, key=error.key, line=line) from None


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


def _read_feeds(tables: Any, *, file: str, text: str) -> tuple[tuple[Feed, ...], dict[str, dict[str, str]]]:
    """The feeds, and by field and feed key the names of environment variables."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ConfigError(t("every feed is a table of its own, such as [feeds.netflix]"), file=file, key="feeds")
    feeds: dict[str, Feed] = {}
    named: dict[str, dict[str, str]] = {field: {} for field in NAMING_VARIABLES}
    for key, table in tables.items():
        check_key(key, file=file, line=find_line(text, ("feeds", key)))
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
        feeds[key] = read.make_feed(key)
        for name, variables in named.items():
            if variable := getattr(read, name):
                variables[key] = variable
    return tuple(feeds.values()), named


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


def _read_proxies(
    settings: Settings,
    feeds: Sequence[Feed],
    variables: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    file: str,
    text: str,
) -> dict[str, str]:
    """The address of the proxy of each feed that has one, from the environment."""
    found: dict[str, str] = {}
    for feed in feeds:
        variable = variables.get(feed.key) or settings.visits.proxy
        if variable is None:
            continue
        place = ("feeds", feed.key, "proxy") if feed.key in variables else ("visits", "proxy")
        found[feed.key] = environment.get(variable, "").strip()
        if not _PROXY.fullmatch(found[feed.key]):
            message = t(_NO_PROXY, variable=variable)
            raise ConfigError(message, file=file, key=".".join(place), line=find_line(text, place))
    return found


def _list_named(data: dict[str, Any]) -> list[str]:
    """The variables that settings name, as far as these can be read before they are checked."""
    tables = {name: table for name, table in data.items() if isinstance(table, dict)}
    urls = tables.get("notices", {}).get("urls")
    named = [
        *(urls if isinstance(urls, list) else []),
        tables.get("digest", {}).get("after_print_secret"),
        tables.get("drafting", {}).get("credentials"),
        tables.get("visits", {}).get("proxy"),
        tables.get("talk", {}).get("github_token"),
    ]
    return [name for name in named if isinstance(name, str)]


def _read_database_address(settings: Settings, *, file: str, text: str) -> str:
    if not settings.database_password_file:
        return ""
    try:
        return add_password(settings.database_url, Path(settings.database_password_file))
    except ValueError as error:
        key = "database_password_file"
        raise ConfigError(str(error), file=file, key=key, line=find_line(text, (key,))) from error


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
