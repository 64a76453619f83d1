"""Settings and feeds.toml, read once at start into typed objects.

A value comes from the environment (``AGGREGATOR_<TABLE>_<KEY>``, ``AGGREGATOR_<KEY>`` for keys outside a table), else
from feeds.toml, else from the default here. Every mistake is a ConfigError that names the file, the key, the line where
it can be found, what was found and what is allowed; unknown keys are refused with the nearest known name.
"""

from __future__ import annotations

import base64
import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    ValidationError,
    model_validator,
)

from aggregator.exceptions import ConfigError
from aggregator.types import Credentials, Feed, Kind, Part, Section, Texts, Topic
from aggregator.urls import clean_url, origin_of

ENVIRONMENT_PREFIX = "AGGREGATOR_"
#: Environment variables that choose places, before any file is read.
PLACES = {"AGGREGATOR_HOME", "AGGREGATOR_FEEDS"}

_AUTHORIZATION = "a value for the Authorization header such as Bearer …"


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a time zone of the IANA database such as Asia/Seoul is needed") from error
    return name


def _is_section(text: str) -> str:
    return str(Section.parse(text))


def _is_address(url: str) -> str:
    HttpUrl(url)
    if clean_url(url) is None:
        raise ValueError("an http or https address is needed")
    if "@" in urlsplit(url).netloc:
        raise ValueError("an address without name and password is needed; see credentials in docs/settings.md")
    return url


def _names_variable(name: object) -> object:
    """In capitals only, so that a secret which was written in its place is rarely taken for a name and told."""
    if not (isinstance(name, str) and re.fullmatch(r"[A-Z_][A-Z0-9_]*", name)):
        raise ValueError("the name of an environment variable in capitals such as BLOG_LOGIN is needed")
    return name


def _is_root(url: str) -> str:
    if url and urlsplit(_is_address(url)).path not in {"", "/"}:
        raise ValueError("the page is served at the root of a host; an address without a path is needed")
    return url


def _split_networks(value: object) -> tuple[str, ...]:
    """Networks as feeds.toml lists them, or with commas between them as an environment variable does."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(network, str) for network in given):
        raise ValueError('a list of networks such as ["10.1.0.0/16"] is needed')
    networks = tuple(network.strip() for network in given if network.strip())
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise ValueError(f"a network such as 10.1.0.0/16 or fd00:1::/32 is needed: {error}") from error
    return networks


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VisitSettings(_Table):
    """How feeds are visited."""

    #: The shortest time between two visits of a feed that go well; each feed's own habit decides within the bounds.
    min_interval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    max_interval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 720
    #: Requests under way at once.
    connections: Annotated[int, Field(ge=1, le=256)] = 16
    #: Requests under way at once to one host, and the pause between the beginnings of two.
    per_host: Annotated[int, Field(ge=1, le=64)] = 2
    host_pause_seconds: Annotated[float, Field(ge=0, le=60)] = 1.0
    #: Seconds for one visit, redirects and body included.
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    #: Of a document larger than this, unpacked, only so much is read.
    max_megabytes: Annotated[float, Field(gt=0, le=1000)] = 30.0
    #: Of a document with more entries, the newest are read.
    max_entries: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    #: Processor time for one document; whoever needs more is given up.
    parse_seconds: Annotated[int, Field(ge=1, le=600)] = 20
    #: A permanent redirect is followed for so many days before its address is adopted.
    move_trial_days: Annotated[float, Field(ge=0, le=60)] = 3.0
    #: After so many minutes in which visits were tried and none succeeded, an alarm is given.
    alarm_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 120
    #: Where a site's owner can reach the curator (a mail or web address); part of the User-Agent.
    contact: str = ""
    #: Networks inside which feeds are visited although their addresses are not public.
    allowed_networks: Annotated[tuple[str, ...], BeforeValidator(_split_networks)] = ()
    #: Processes that parse; 0 parses in the daemon's own process.
    parser_processes: Annotated[int, Field(ge=0, le=64)] = 2

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        if self.max_interval_minutes < self.min_interval_minutes:
            raise ValueError(
                f"max_interval_minutes ({self.max_interval_minutes}) is below "
                f"min_interval_minutes ({self.min_interval_minutes})"
            )
        return self


class PageSettings(_Table):
    """Which pages are read of the feeds that ask for it (``full_text``)."""

    #: Posts whose feed gives at least so many words need no page.
    max_words: Annotated[int, Field(ge=1, le=10_000)] = 150
    #: Only the newest posts of a feed, and only those of the last days.
    newest: Annotated[int, Field(ge=1, le=1000)] = 20
    days: Annotated[float, Field(gt=0, le=3660)] = 60.0


_Factor = Annotated[float, Field(ge=0, le=10)]


class ShortlistSettings(_Table):
    """How many posts the month's proposal holds, and how it is balanced."""

    size: Annotated[int, Field(ge=1, le=500)] = 40
    #: Of one source, and in one section; 0 learns them from what digests printed.
    per_source: Annotated[int, Field(ge=0)] = 0
    per_section: Annotated[int, Field(ge=0)] = 0
    #: For single feeds, and for single sections such as "2.4"; these go before all others.
    sources: dict[str, Annotated[int, Field(ge=0)]] = {}
    sections: dict[Annotated[str, AfterValidator(_is_section)], Annotated[int, Field(ge=0)]] = {}
    #: No candidate below this score is proposed, however thin the month.
    floor: float = -1.0
    #: What a post loses that is entirely like one above it.
    diversity: Annotated[float, Field(ge=0)] = 1.0
    #: Posts from below it that are drawn at random once the month is over, to see what is missed; 0 draws none.
    sample: Annotated[int, Field(ge=0, le=50)] = 5


class WeightSettings(_Table):
    """What the shares of a score are multiplied by: 1 leaves them as they were learned, 0 ignores them."""

    business_case: _Factor = 1.0
    open_code: _Factor = 1.0
    topic_fit: _Factor = 1.0
    out_of_scope: _Factor = 1.0
    first_hand: _Factor = 1.0
    announcement: _Factor = 1.0
    source: _Factor = 1.0
    popularity: _Factor = 1.0
    depth: _Factor = 1.0
    novelty: _Factor = 1.0
    series: _Factor = 1.0
    words: _Factor = 1.0


class LearningSettings(_Table):
    """When a new section model is fitted from the curator's decisions."""

    #: So many decisions since the last fit are enough for a new one; 0 leaves it to the night.
    after_decisions: Annotated[int, Field(ge=0)] = 20
    #: Hour of the day, in the curator's zone, at which a single new decision is enough.
    nightly_hour: Annotated[int, Field(ge=0, le=23)] = 3
    #: Versions that can be gone back to, beside the model in use and the shipped one.
    keep_versions: Annotated[int, Field(ge=0, le=100)] = 5


class DigestSettings(_Table):
    """When a month is drafted and printed, and the fixed texts of the page."""

    #: Day of the following month on which the draft is made, in the curator's zone.
    draft_day: Annotated[int, Field(ge=1, le=28)] = 1
    #: Day of the following month on which the approved posts are printed; 0 leaves printing to the curator.
    print_day: Annotated[int, Field(ge=0, le=28)] = 5
    #: The page's top, Markdown; empty takes that of the digest read last, else the shipped one.
    head: str = ""
    parts: dict[Part, str] = {}
    topics: dict[Topic, str] = {}


class ServerSettings(_Table):
    """Where the page is served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8571
    #: The address under which the page is reached from outside, when a proxy stands in front.
    public_url: Annotated[str, AfterValidator(_is_root)] = ""


class Settings(_Table):
    """Everything that can be set, apart from the feeds."""

    time_zone: Annotated[str, AfterValidator(_is_zone)] = "Asia/Seoul"
    #: SQLAlchemy address of the database; empty keeps an SQLite file under the home folder.
    database_url: str = ""
    curator: Annotated[str, Field(min_length=1)] = "curator"
    visits: VisitSettings = VisitSettings()
    pages: PageSettings = PageSettings()
    shortlist: ShortlistSettings = ShortlistSettings()
    weights: WeightSettings = WeightSettings()
    learning: LearningSettings = LearningSettings()
    digest: DigestSettings = DigestSettings()
    server: ServerSettings = ServerSettings()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def merge_texts(self, last: Texts | None) -> Texts:
        """The fixed texts of a digest: as set, else as in the digest *last* read, else as shipped."""
        base = last or SHIPPED_TEXTS
        return Texts(
            head=self.digest.head or base.head,
            parts={**SHIPPED_TEXTS.parts, **base.parts, **self.digest.parts},
            topics={**SHIPPED_TEXTS.topics, **base.topics, **self.digest.topics},
        )


SHIPPED_TEXTS = Texts(
    head=(
        "# AI & ML 블로그 월간 정리\n\n"
        "Blog posts on AI and ML that were worth the time this month, chosen by a person.\n"
        "한 달 동안 읽을 만했던 AI·ML 블로그 글을 사람이 골라 정리했습니다.\n\n"
    ),
    parts={Part.RESEARCH: "Research", Part.BUSINESS: "Business Cases and Implementations", Part.AWS: "AWS ML Only"},
    topics={
        Topic.CV: "CV",
        Topic.NLP: "NLP",
        Topic.RECSYS: "RecSys, etc.",
        Topic.MLOPS: "Training, Inference and MLOps",
    },
)


class _FeedTable(_Table):
    name: Annotated[str, Field(min_length=1)]
    url: Annotated[str, AfterValidator(_is_address)]
    site: Annotated[str, AfterValidator(_is_address)] | None = None
    organisation: Annotated[str, Field(min_length=1)] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    kind: Kind
    weight: Annotated[float, Field(ge=-1, le=1)] = 0.0
    tags: tuple[str, ...] = ()
    #: Whether the pages of its posts are read, for feeds that give summaries only.
    full_text: bool = False
    #: The environment variable that holds what the feed's server asks for, lest a secret stand in the file.
    credentials: Annotated[str | None, BeforeValidator(_names_variable)] = None


@dataclass(frozen=True, slots=True)
class Config:
    """All that was configured."""

    home: Path
    file: Path
    settings: Settings
    feeds: tuple[Feed, ...]
    #: By the key of the feed.
    credentials: Mapping[str, Credentials] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        return self.settings.database_url or f"sqlite:///{self.home / 'aggregator.sqlite'}"


def load_config(environment: Mapping[str, str], *, home: Path | None = None, file: Path | None = None) -> Config:
    """Read feeds.toml and the environment; raises ConfigError at the first mistake.

    *home* and *file* go before ``AGGREGATOR_HOME`` and ``AGGREGATOR_FEEDS``; without either, state lives in the
    platform's data folder and the feeds come from the home folder, else the working folder, else the shipped list.
    """
    home = home or Path(environment.get("AGGREGATOR_HOME") or platformdirs.user_data_path("aggregator"))
    file = file or _find_file(environment, home)
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(file)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"is not UTF-8 (byte {error.start})", file=str(file)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", file=str(file)) from error
    feeds, variables = _read_feeds(data.pop("feeds", {}), file=str(file), text=text)
    # A variable that holds credentials is none of the settings, whatever its name.
    others = {name: value for name, value in environment.items() if name not in variables.values()}
    return Config(
        home=home.expanduser(),
        file=file,
        settings=_read_settings(data, others, file=str(file), text=text),
        feeds=feeds,
        credentials={
            feed.key: _read_credentials(feed, variables[feed.key], environment, file=str(file), text=text)
            for feed in feeds
            if feed.key in variables
        },
    )


def _find_file(environment: Mapping[str, str], home: Path) -> Path:
    if named := environment.get("AGGREGATOR_FEEDS"):
        return Path(named).expanduser()
    package = Path(__file__).parent
    places = [home / "feeds.toml", Path("feeds.toml"), package / "feeds.toml", package.parents[1] / "feeds.toml"]
    for place in places:
        if place.is_file():
            return place
    raise ConfigError("was not found; name one with --feeds or AGGREGATOR_FEEDS", file="feeds.toml")


def _read_settings(data: dict[str, Any], environment: Mapping[str, str], *, file: str, text: str) -> Settings:
    variables = {_variable(path): path for path in _list_settings()}
    overridden: set[tuple[str, ...]] = set()
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in PLACES:
            continue
        if variable not in variables:
            near = _nearest(variable, [*variables, *PLACES])
            raise ConfigError(f"is no setting{near}", file="environment", key=variable)
        *tables, key = path = variables[variable]
        _subtable(data, tables, file)[key] = value
        overridden.add(tuple(path))
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise _explain(error, Settings, file=file, text=text, overridden=overridden) from None


def _subtable(data: dict[str, Any], tables: list[str], file: str) -> dict[str, Any]:
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            raise ConfigError(f"is a table, not {data!r}", file=file, key=table)
    return data


def _read_feeds(tables: Any, *, file: str, text: str) -> tuple[tuple[Feed, ...], dict[str, str]]:
    """The feeds, and by their keys the environment variables that hold the credentials of some."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ConfigError("every feed is a table of its own, such as [feeds.netflix]", file=file, key="feeds")
    feeds: dict[str, Feed] = {}
    variables: dict[str, str] = {}
    for key, table in tables.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", key):
            raise ConfigError(
                "a feed's key is made of small letters, digits, - and _",
                file=file,
                key=f"feeds.{key}",
                line=_find_line(text, ("feeds", key)),
            )
        try:
            read = _FeedTable.model_validate(table)
        except ValidationError as error:
            raise _explain(error, _FeedTable, file=file, text=text, prefix=("feeds", key)) from None
        if twin := next((other for other in feeds.values() if other.url == read.url), None):
            raise ConfigError(
                f"the address is that of feeds.{twin.key} already",
                file=file,
                key=f"feeds.{key}.url",
                line=_find_line(text, ("feeds", key, "url")),
            )
        feeds[key] = Feed(key=key, **read.model_dump(exclude={"credentials"}))
        if read.credentials:
            variables[key] = read.credentials
    return tuple(feeds.values()), variables


#: The tables that a curator may change over feeds.toml while the daemon runs.
_WISHED: dict[str, type[_Table]] = {"weights": WeightSettings, "shortlist": ShortlistSettings}


def list_wishes(settings: Settings) -> dict[str, float]:
    """The weights and quotas by their names in feeds.toml: ``weights.depth``, ``shortlist.sections.2.4``."""
    found: dict[str, float] = {}
    for table in _WISHED:
        for key, value in getattr(settings, table).model_dump().items():
            if isinstance(value, dict):
                found.update({f"{table}.{key}.{name}": each for name, each in value.items()})
            else:
                found[f"{table}.{key}"] = value
    return found


def change_wishes(settings: Settings, changes: Mapping[str, Any], *, file: str = "the change") -> Settings:
    """The settings with some weights and quotas changed, by the names of ``list_wishes``.

    Raises ConfigError for what feeds.toml would not take.
    """
    tables = {table: getattr(settings, table).model_dump() for table in _WISHED}
    for name, value in changes.items():
        table, _, rest = name.partition(".")
        key, _, entry = rest.partition(".")
        if table not in tables or not key:
            known = {each.partition(".")[2]: each for each in list_wishes(settings)}
            near = difflib.get_close_matches(rest or name, known, n=1, cutoff=0.5)
            hint = f"; did you mean {known[near[0]]}?" if near else ""
            raise ConfigError(f"is no weight and no quota{hint}", file=file, key=name)
        if entry and isinstance(tables[table].get(key), dict):
            tables[table][key][entry] = value
        else:
            tables[table][rest] = value
    changed: dict[str, _Table] = {}
    for table, model in _WISHED.items():
        try:
            changed[table] = model.model_validate(tables[table])
        except ValidationError as error:
            raise _explain(error, model, file=file, text="", prefix=(table,)) from None
    return settings.model_copy(update=changed)


def change_feed(feed: Feed, changes: Mapping[str, Any]) -> Feed:
    """The feed with some fields changed, empty ones cleared. Raises ConfigError for what feeds.toml would not take."""
    values = {name: getattr(feed, name) for name in _FeedTable.model_fields if name != "credentials"}
    given = {name: value or None if name in {"site", "organisation"} else value for name, value in changes.items()}
    try:
        read = _FeedTable.model_validate(values | given)
    except ValidationError as error:
        raise _explain(error, _FeedTable, file="the change", text="", prefix=("feeds", feed.key)) from None
    return Feed(key=feed.key, **read.model_dump(exclude={"credentials"}))


def _read_credentials(
    feed: Feed, variable: str, environment: Mapping[str, str], *, file: str, text: str
) -> Credentials:
    """``name:password`` (RFC 7617), or a whole value such as ``Bearer …`` (RFC 9110, 11.4), from the environment."""
    value = environment.get(variable, "").strip()
    if re.match(r"[A-Za-z][\w-]* +\S", value) and value.isascii() and value.isprintable():
        return Credentials(origin_of(feed.url), value)
    if ":" in value and value.isprintable():
        return Credentials(origin_of(feed.url), "Basic " + base64.b64encode(value.encode()).decode())
    if value:
        message = f"the environment variable {variable} holds neither name:password nor {_AUTHORIZATION}"
    else:
        message = f"the environment variable {variable} is not set; it holds name:password or {_AUTHORIZATION}"
    place = ("feeds", feed.key, "credentials")
    raise ConfigError(message, file=file, key=".".join(place), line=_find_line(text, place))


def _list_settings(model: type[BaseModel] = Settings, prefix: tuple[str, ...] = ()) -> list[list[str]]:
    """The path of every setting that holds a single value."""
    paths: list[list[str]] = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, _Table):
            paths += _list_settings(kind, (*prefix, name))
        elif not str(kind).startswith("dict"):
            paths.append([*prefix, name])
    return paths


def _variable(path: list[str]) -> str:
    return ENVIRONMENT_PREFIX + "_".join(path).upper()


def _explain(
    error: ValidationError,
    model: type[BaseModel],
    *,
    file: str,
    text: str,
    prefix: tuple[str, ...] = (),
    overridden: set[tuple[str, ...]] | None = None,
) -> ConfigError:
    """The first mistake that pydantic found, in a sentence, at its place."""
    first = error.errors(include_url=False)[0]
    path = tuple(str(step) for step in first["loc"] if step != "[key]")
    found = first["input"]
    shown = "what it says" if path[-1:] == ("credentials",) else _hide_secrets(repr(found))
    if first["type"] == "extra_forbidden":
        message = f"is no known key{_nearest(path[-1], _keys_at(model, path[:-1]))}"
    elif first["type"] == "missing":
        message = "is missing"
    elif isinstance(found, dict):
        message = first["msg"].removeprefix("Value error, ")
    elif first["type"] == "enum":
        message = f"{shown} is not allowed; choose {first['ctx']['expected']}"
    else:
        message = f"{shown} is not allowed; {first['msg'].removeprefix('Value error, ').removeprefix('Input ')}"
    if overridden and path in overridden:
        return ConfigError(message, file="environment", key=_variable(list(path)))
    place = (*prefix, *path)
    return ConfigError(message, file=file, key=".".join(place), line=_find_line(text, place))


def _hide_secrets(text: str) -> str:
    """Without name and password in an address, also where they hold what would end them in a right one."""
    return re.sub(r"(?<=//)(?:[^/]*@|[^/@]*:(?!\d+[/?#])[^@]*@)", "", text)


def _keys_at(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    for step in path:
        kind = model.model_fields[step].annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return [str(choice) for choice in get_args(kind)[0]]
        model = kind
    return [*model.model_fields, *(["feeds"] if model is Settings else [])]


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"


def _find_line(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a key in TOML text: that of its table when the key itself does not stand on a line of its own."""
    table_line: int | None = None
    current: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            current = tuple(part.strip().strip("\"'") for part in match[1].split("."))
            if current == path[: len(current)] and len(current) >= len(path) - 1:
                table_line = number
        elif (match := re.match(r"\s*([\w\"'.-]+)\s*=", line)) and (
            (*current, *match[1].replace('"', "").replace("'", "").split(".")) == path
        ):
            return number
    return table_line
