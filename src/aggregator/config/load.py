"""Reading feeds.toml and the environment."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.config.changes import check_key
from aggregator.config.feed_table import NAMING_VARIABLES, FeedTable
from aggregator.config.mistakes import ENVIRONMENT_PREFIX, explain_mistake, find_line, name_variable, suggest_nearest
from aggregator.config.secrets import SecretReader, list_named
from aggregator.config.settings import Settings
from aggregator.config.values import Table
from aggregator.exceptions import ConfigError
from aggregator.locales import t
from aggregator.places import PLACES, find_feeds, find_home, name_database
from aggregator.types import Credentials, Feed


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
    #: For issues at GitHub that suggest posts.
    suggestions_token: Credentials | None = field(default=None, repr=False)

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
    secret = {*variables.values(), *named["proxy"].values(), *list_named(data)}
    others = {name: value for name, value in environment.items() if name not in secret}
    settings = _read_settings(data, others, file=str(file), text=text)
    # The environment may have named more of them.
    secret |= {settings.digest.after_print_secret, settings.drafting.credentials or "", *settings.notices.urls}
    secret |= {settings.visits.proxy or "", settings.talk.github_token or "", settings.suggestions.github_token or ""}
    secrets = SecretReader(environment, str(file), text)
    return Config(
        home=home.expanduser(),
        file=file,
        settings=settings,
        feeds=feeds,
        credentials={
            feed.key: secrets.read_credentials(feed, variables[feed.key]) for feed in feeds if feed.key in variables
        },
        proxies=secrets.read_proxies(settings, feeds, named["proxy"]),
        environment=environment,
        notice_urls=secrets.read_notice_urls(settings),
        database_address=secrets.read_database_address(settings),
        print_secret=secrets.read_print_secret(settings),
        plain_environment={
            name: value
            for name, value in environment.items()
            if not name.startswith(ENVIRONMENT_PREFIX) and name not in secret
        },
        drafting_key=secrets.read_drafting_key(settings),
        github_token=secrets.read_github_token(settings),
        suggestions_token=secrets.read_suggestions_token(settings),
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
    addresses: dict[str, str] = {}
    named: dict[str, dict[str, str]] = {field: {} for field in NAMING_VARIABLES}
    for key, table in tables.items():
        check_key(key, file=file, text=text)
        try:
            read = FeedTable.model_validate(table)
        except ValidationError as error:
            raise explain_mistake(error, FeedTable, file=file, text=text, prefix=("feeds", key)) from None
        if (twin := addresses.setdefault(read.url, key)) != key:
            raise ConfigError(
                t("the address is that of feeds.{key} already", key=twin),
                file=file,
                key=f"feeds.{key}.url",
                line=find_line(text, ("feeds", key, "url")),
            )
        feeds[key] = read.make_feed(key)
        for name, variables in named.items():
            if variable := getattr(read, name):
                variables[key] = variable
    return tuple(feeds.values()), named


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
