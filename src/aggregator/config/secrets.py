"""The secrets that feeds.toml names and the environment has, so that the file has none."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aggregator.addresses.urls import origin_of
from aggregator.config.database import add_password
from aggregator.config.mistakes import find_line
from aggregator.config.settings import Settings
from aggregator.exceptions import ConfigError
from aggregator.locales import mark, t
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
    "the environment variable {variable} has to contain the address of a proxy such as "
    "http://name:password@proxy.example:3128 or socks5://proxy.example:1080"
)
# A port is at most 65535.
_PORT = r"(?::(?:[1-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?"
_PROXY = re.compile(
    rf"(?:https?|socks5h?)://(?:[^\s/?#@]++@)?(?:\[[0-9a-f:.]++\]|[^\s/?#@:\[\]]++){_PORT}/?", re.IGNORECASE | re.ASCII
)
_NO_KEY = mark("the environment variable {variable} has to contain the key of the endpoint")
_NO_TOKEN = mark("the environment variable {variable} has to contain a token of GitHub")
_GITHUB = "https://api.github.com"


def list_named(data: Mapping[str, Any]) -> list[str]:
    """The variables that settings name, as far as these can be read before they are checked."""
    tables = {name: table for name, table in data.items() if isinstance(table, dict)}
    urls = tables.get("notices", {}).get("urls")
    named = [
        *(urls if isinstance(urls, list) else []),
        tables.get("digest", {}).get("after_print_secret"),
        tables.get("drafting", {}).get("credentials"),
        tables.get("visits", {}).get("proxy"),
        tables.get("talk", {}).get("github_token"),
        tables.get("suggestions", {}).get("github_token"),
    ]
    return [name for name in named if isinstance(name, str)]


@dataclass(frozen=True, slots=True)
class SecretReader:
    """Reads secrets from an environment; each of its methods raises ConfigError, which names the place in the file."""

    environment: Mapping[str, str] = field(repr=False)
    #: The name and the text of feeds.toml.
    file: str
    text: str = field(repr=False)

    def read_credentials(self, feed: Feed, variable: str) -> Credentials:
        """``name:password`` (RFC 7617), or a whole value such as ``Bearer …`` (RFC 9110, 11.4)."""
        value = self._get(variable)
        if re.match(r"[A-Za-z][\w-]* +\S", value) and value.isascii() and value.isprintable():
            return Credentials(origin_of(feed.url), value)
        if ":" in value and value.isprintable():
            return Credentials(origin_of(feed.url), "Basic " + base64.b64encode(value.encode()).decode())
        raise self._refuse(("feeds", feed.key, "credentials"), _UNREADABLE if value else _UNSET, variable=variable)

    def read_proxies(self, settings: Settings, feeds: Sequence[Feed], variables: Mapping[str, str]) -> dict[str, str]:
        """The address of the proxy of each feed that has one. *variables* are those of single feeds, by key."""
        found: dict[str, str] = {}
        for feed in feeds:
            variable = variables.get(feed.key) or settings.visits.proxy
            if variable is None:
                continue
            found[feed.key] = self._get(variable)
            if not _PROXY.fullmatch(found[feed.key]):
                place = ("feeds", feed.key, "proxy") if feed.key in variables else ("visits", "proxy")
                raise self._refuse(place, _NO_PROXY, variable=variable)
        return found

    def read_database_address(self, settings: Settings) -> str:
        """The address of the database with its password; empty if no file has one."""
        if not settings.database_password_file:
            return ""
        try:
            return add_password(settings.database_url, Path(settings.database_password_file))
        except ValueError as error:
            raise self._refuse(("database_password_file",), str(error)) from error

    def read_print_secret(self, settings: Settings) -> str:
        """What signs that a digest was printed; empty if nothing is sent."""
        variable = settings.digest.after_print_secret
        secret = self._get(variable) if variable else ""
        if variable and len(secret) < _SHORTEST_SECRET:
            place = ("digest", "after_print_secret")
            raise self._refuse(place, _NO_SECRET, variable=variable, number=_SHORTEST_SECRET)
        return secret

    def read_notice_urls(self, settings: Settings) -> Mapping[str, str]:
        """Where notices are sent, by the name of the variable."""
        found = {variable: self._get(variable) for variable in settings.notices.urls}
        for variable, url in found.items():
            if not re.match(r"[a-z][a-z0-9]*://", url, re.IGNORECASE):
                raise self._refuse(("notices", "urls"), _NO_URL, variable=variable)
        return found

    def read_drafting_key(self, settings: Settings) -> Credentials | None:
        """The key of the endpoint that drafts notes; None without an endpoint or a key."""
        if not settings.drafting.endpoint:
            return None
        key = self._read_key(settings.drafting.credentials, ("drafting", "credentials"), _NO_KEY)
        return Credentials(origin_of(settings.drafting.endpoint), key) if key else None

    def read_github_token(self, settings: Settings) -> Credentials | None:
        """The token that GitHub is asked for stars with; None if it is not asked, or without one."""
        if TalkSource.GITHUB not in settings.talk.asked:
            return None
        key = self._read_key(settings.talk.github_token, ("talk", "github_token"), _NO_TOKEN)
        base = settings.talk.addresses.get(TalkSource.GITHUB, _GITHUB)
        return Credentials(origin_of(base), key) if key else None

    def read_suggestions_token(self, settings: Settings) -> Credentials | None:
        """The token that issues are read and answered with; None if they are not read, or without one."""
        if not settings.suggestions.github:
            return None
        key = self._read_key(settings.suggestions.github_token, ("suggestions", "github_token"), _NO_TOKEN)
        return Credentials(_GITHUB, key) if key else None

    def _read_key(self, variable: str | None, place: tuple[str, ...], message: str) -> str:
        """A key alone, or a whole value such as ``Bearer …``; empty without a variable."""
        if variable is None:
            return ""
        value = self._get(variable)
        if not value or not value.isascii() or not value.isprintable():
            raise self._refuse(place, message, variable=variable)
        return value if " " in value else f"Bearer {value}"

    def _get(self, variable: str) -> str:
        return self.environment.get(variable, "").strip()

    def _refuse(self, place: tuple[str, ...], message: str, **values: object) -> ConfigError:
        said = t(message, **values) if values else message
        return ConfigError(said, file=self.file, key=".".join(place), line=find_line(self.text, place))
