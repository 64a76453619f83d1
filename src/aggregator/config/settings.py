"""What can be set: the tables of feeds.toml with their defaults and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from aggregator.config.digest_settings import DigestSettings
from aggregator.config.values import (
    Table,
    is_address,
    is_cluster,
    is_root,
    is_zone,
    names_variable,
    names_variable_or_none,
    point_at,
    read_ip,
    split_hosts,
    split_networks,
    split_words,
)
from aggregator.locales import t
from aggregator.shipped import SHIPPED, SHIPPED_HEAD
from aggregator.types import (
    HighlightPlace,
    LineStyle,
    NoticeKind,
    Part,
    TalkSource,
    Taxonomy,
    Texts,
    Topic,
    Weight,
)


class VisitSettings(Table):
    """How feeds are visited."""

    #: The shortest time between two successful visits of a feed; each feed's own habit decides within the bounds.
    min_interval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    max_interval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 720
    #: Requests at once.
    connections: Annotated[int, Field(ge=1, le=256)] = 16
    #: Requests at once to one host, and the pause between the starts of two.
    per_host: Annotated[int, Field(ge=1, le=64)] = 2
    host_pause_seconds: Annotated[float, Field(ge=0, le=60)] = 1.0
    #: Seconds for one visit, redirects and body included.
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    #: Only this much of a larger document, unpacked, is read.
    max_megabytes: Annotated[float, Field(gt=0, le=1000)] = 30.0
    #: If a document has more entries, the newest are read.
    max_entries: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    #: Where a visit missed entries, so many older pages of the feed are read back.
    archive_pages: Annotated[int, Field(ge=0, le=1000)] = 20
    #: Processor time for one document; one that needs more is given up.
    parse_seconds: Annotated[int, Field(ge=1, le=600)] = 20
    #: A permanent redirect is followed for this many days before its address is adopted.
    move_trial_days: Annotated[float, Field(ge=0, le=60)] = 3.0
    #: After this many minutes with visits but without a success there is an alarm.
    alarm_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 120
    #: Where a site's owner can reach the curator (a mail or web address); part of the User-Agent.
    contact: str = ""
    #: Networks in which feeds are visited although their addresses are not public.
    allowed_networks: Annotated[tuple[str, ...], BeforeValidator(split_networks)] = ()
    #: Processes that parse; 0 parses in the daemon's own process.
    parser_processes: Annotated[int, Field(ge=0, le=64)] = 2
    #: The environment variable with the address of the proxy through which all feeds are visited.
    proxy: Annotated[str | None, BeforeValidator(names_variable_or_none)] = None

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        if self.max_interval_minutes < self.min_interval_minutes:
            raise ValueError(
                t(
                    "max_interval_minutes ({most}) is below min_interval_minutes ({least})",
                    most=self.max_interval_minutes,
                    least=self.min_interval_minutes,
                )
            )
        return self


class PageSettings(Table):
    """Which pages are read, for feeds with ``full_text``."""

    #: Posts with at least this many words in the feed need no page.
    max_words: Annotated[int, Field(ge=1, le=10_000)] = 150
    #: Only the newest posts of a feed, and only those of the last days.
    newest: Annotated[int, Field(ge=1, le=1000)] = 20
    days: Annotated[float, Field(gt=0, le=3660)] = 60.0


_Factor = Annotated[float, Field(ge=0, le=10)]


class RoundupSettings(Table):
    """Round-ups that come by mail."""

    #: A folder with mails as .eml files, in the home folder unless it is absolute; none if empty.
    folder: str = ""


class ShortlistSettings(Table):
    """How many posts the month's proposal has, and how it is balanced."""

    size: Annotated[int, Field(ge=1, le=500)] = 40
    #: Posts of one source, and in one section; 0 learns them from printed digests.
    per_source: Annotated[int, Field(ge=0)] = 0
    per_section: Annotated[int, Field(ge=0)] = 0
    #: For single feeds, and for single sections such as "2.4"; these override all others.
    sources: dict[str, Annotated[int, Field(ge=0)]] = {}
    sections: dict[str, Annotated[int, Field(ge=0)]] = {}
    #: No candidate below this score is proposed, however few there are.
    floor: float = -1.0
    #: A candidate that is likelier than this to be out of scope is not proposed, unless very many talk about it.
    out_of_scope: Annotated[float, Field(ge=0, le=1)] = 0.3
    #: A source with this many posts on one day, far more than usual, has none proposed until one is approved or held; 0
    #: turns this off.
    burst: Annotated[int, Field(ge=0)] = 20
    #: The loss of a post that is entirely like one above it.
    diversity: Annotated[float, Field(ge=0)] = 1.0
    #: Posts below it that are drawn for a spot check when the month is over; 0 draws none.
    sample: Annotated[int, Field(ge=0, le=50)] = 5


_FACTORS: dict[str, Any] = {weight.value: (_Factor, 1.0) for weight in Weight}
#: Factors for the shares of a score: 1 leaves them as they were learned, 0 ignores them.
WeightSettings = create_model("WeightSettings", __base__=Table, __module__=__name__, **_FACTORS)


class LearningSettings(Table):
    """When a new section model is fitted from the curator's decisions."""

    #: This many decisions since the last fit are enough for a new one; 0 leaves it to the night.
    after_decisions: Annotated[int, Field(ge=0)] = 20
    #: Hour of the day, in the curator's zone, at which a single new decision is enough.
    nightly_hour: Annotated[int, Field(ge=0, le=23)] = 3
    #: Versions that can be restored, besides the model in use and the shipped one.
    keep_versions: Annotated[int, Field(ge=0, le=100)] = 5


class ServerSettings(Table):
    """Where the page is served, and who may reach it."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8571
    #: Names under which the page may be requested, besides its own address; without ports.
    hosts: Annotated[tuple[str, ...], BeforeValidator(split_hosts)] = ()
    #: The address of the page from outside, if it is behind a proxy.
    public_url: Annotated[str, AfterValidator(is_root)] = ""
    #: Networks of proxies that are believed when they say from where and how a client came.
    proxies: Annotated[tuple[str, ...], BeforeValidator(split_networks)] = ()

    @property
    def listens_to_network(self) -> bool:
        """Whether other machines can reach the page. Then it needs a password, and login links do not work."""
        address = read_ip(self.host)
        return self.host != "localhost" if address is None else not address.is_loopback


def _is_key(key: str) -> str:
    """Digits choose reasons and sections; other pages are reached by g, and ? lists the keys."""
    if not (len(key) == 1 and key.isascii() and key.isprintable()) or key.isdigit() or key in " gG?":
        raise ValueError("a letter such as a or A (with Shift), or a sign, is needed, other than g and ?")
    return key


_Key = Annotated[str, AfterValidator(_is_key)]


class KeySettings(Table):
    """The keys of the queue, by what they do."""

    next: _Key = "j"
    previous: _Key = "k"
    approve: _Key = "a"
    hold: _Key = "h"
    hold_until: _Key = "H"
    reject: _Key = "r"
    #: All undecided posts of the source.
    reject_source: _Key = "R"
    #: In the list of reasons.
    type_reason: _Key = "t"
    section: _Key = "s"
    mark: _Key = "x"
    mark_next: _Key = "J"
    mark_previous: _Key = "K"
    merge: _Key = "m"
    edit: _Key = "e"
    note: _Key = "n"
    #: Take the proposed title.
    title: _Key = "y"
    quote: _Key = "q"
    open: _Key = "o"
    why: _Key = "w"
    similar: _Key = "p"
    #: Make it a highlight, or not.
    star: _Key = "*"
    undo: _Key = "u"
    redo: _Key = "U"
    filter: _Key = "/"

    @model_validator(mode="after")
    def _check_differ(self) -> Self:
        acts: dict[str, str] = {}
        # What is set comes after what has its default, so that the mistake is where somebody set it.
        for act in sorted(type(self).model_fields, key=lambda name: name in self.model_fields_set):
            key = getattr(self, act)
            if other := acts.get(key):
                raise point_at("KeySettings", (act,), key, f"{other} has this key, and an act needs a key of its own")
            acts[key] = act
        return self


class NoticeSettings(Table):
    """What the curator is told outside the page, where and when."""

    #: The environment variables with the URLs to send to, so that no secret is in the file.
    urls: Annotated[tuple[Annotated[str, BeforeValidator(names_variable)], ...], BeforeValidator(split_words)] = ()
    #: If empty, all kinds.
    kinds: Annotated[tuple[NoticeKind, ...], BeforeValidator(split_words)] = ()
    #: Hours of the day, in the curator's zone, in which nothing is sent, such as ``22:00-07:30``.
    quiet_hours: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")] = ""
    #: A feed is told of when it has been broken for this many days.
    feed_days: Annotated[float, Field(gt=0, le=366)] = 7.0


def _is_kept_long(months: int) -> int:
    if 0 < months < _LEAST_KEPT:
        raise ValueError(t("0, or at least {number} months are needed", number=_LEAST_KEPT))
    return months


def _is_base(url: str) -> str:
    if url and (parts := urlsplit(is_address(url))) and (parts.query or parts.fragment):
        raise ValueError(t("a base address such as http://127.0.0.1:11434/v1 is needed, without ? and #"))
    return url.rstrip("/")


class DraftingSettings(Table):
    """The language model that drafts notes when the curator asks for one."""

    #: The base address of an endpoint that is compatible with OpenAI's; if empty, nothing is drafted and nothing sent.
    endpoint: Annotated[str, AfterValidator(_is_base)] = ""
    #: As the endpoint names it.
    model: str = ""
    #: The environment variable with the key, so that no secret is in the file.
    credentials: Annotated[str | None, BeforeValidator(names_variable)] = None
    #: How many of the curator's own notes are sent as examples.
    examples: Annotated[int, Field(ge=0, le=20)] = 6
    #: How much of the text of a post is sent.
    characters: Annotated[int, Field(ge=500, le=100_000)] = 6000
    #: Seconds for one answer.
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 120.0
    #: Whether the page shows what would be sent before it is sent.
    show_first: bool = True

    @model_validator(mode="after")
    def _check_model(self) -> Self:
        if self.endpoint and not self.model:
            raise ValueError(t("an endpoint needs a model, as the endpoint names it"))
        return self


def _split_addresses(value: object) -> tuple[str, ...]:
    """Addresses as a list, as in feeds.toml, or separated by commas, as in an environment variable."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(url, str) for url in given):
        raise ValueError(t('a list of addresses such as ["https://list.example/"] is needed'))
    return tuple(is_address(url.strip()) for url in given if url.strip())


class TalkSettings(Table):
    """Which places are asked what people say of posts."""

    #: Those that are asked; a question tells most of them which posts are followed here.
    sources: Annotated[tuple[TalkSource, ...], BeforeValidator(split_words)] = ()
    #: Pages and feeds that link to posts, such as newsletters. Each link counts; no site learns what is followed here.
    lists: Annotated[tuple[str, ...], BeforeValidator(_split_addresses)] = ()
    #: The environment variable with a token for GitHub, which then allows more questions.
    github_token: Annotated[str | None, BeforeValidator(names_variable)] = None
    #: Other base addresses of sources, such as that of a mirror.
    addresses: dict[TalkSource, Annotated[str, AfterValidator(_is_base)]] = {}

    @property
    def asked(self) -> tuple[TalkSource, ...]:
        """The sources that are asked or read."""
        named = {*self.sources, TalkSource.LISTS} if self.lists else set(self.sources) - {TalkSource.LISTS}
        return tuple(source for source in TalkSource if source in named)


class SuggestionSettings(Table):
    """What readers suggest."""

    #: So many suggestions may wait for the curator; then the form says so and takes none.
    most_waiting: Annotated[int, Field(ge=1, le=10_000)] = 200
    #: Days after which a suggestion that is settled or answered is deleted, with all that its reader said.
    keep_days: Annotated[int, Field(ge=1, le=400)] = 90
    #: Whether the foot of a digest names the readers who suggested its lines and agreed to be named.
    credit: bool = False
    #: A repository at GitHub, such as ``owner/repository``, whose issues with this label are suggestions.
    github: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100})?$")] = ""
    label: Annotated[str, Field(min_length=1, max_length=50)] = "suggestion"
    #: The environment variable with a token for GitHub.
    github_token: Annotated[str | None, BeforeValidator(names_variable)] = None
    #: Whether an issue is answered by a comment once it is settled; the token has to allow that.
    comment: bool = False

    @model_validator(mode="after")
    def _check_token(self) -> Self:
        if self.comment and not (self.github and self.github_token):
            raise ValueError(t("comments need a repository (github) and a token (github_token)"))
        return self


# Of posts that nobody decided about.
_LEAST_KEPT = 12


class RetentionSettings(Table):
    """What is deleted by itself, besides records of visits."""

    #: Posts without any decision, so many months older than the last published one; 0 keeps all. The ranking learns
    #: from posts of printed months that were not printed, so a year of them stays.
    undecided_months: Annotated[int, Field(ge=0, le=1200), AfterValidator(_is_kept_long)] = 0


class LogSettings(Table):
    """What is logged on standard error."""

    #: Lines for people, or one JSON object per line.
    format: Literal["text", "json"] = "text"
    #: The least that the daemon and ``-v`` tell; single visits are told at info.
    level: Literal["info", "warning", "error"] = "info"


class Settings(Table):
    """All settings, apart from the feeds."""

    time_zone: Annotated[str, AfterValidator(is_zone)] = "Asia/Seoul"
    #: Of the page and the commands; if empty, as the browser asks and as the terminal's environment says.
    language: Literal["", "en", "ko"] = ""
    #: SQLAlchemy address of the database; if empty, an SQLite file in the home folder.
    database_url: str = ""
    #: A file with the password of PostgreSQL, in which any sign may stand.
    database_password_file: str = ""
    #: The scheduler of the cluster whose workers do the units of work; if empty, this machine does them.
    cluster: Annotated[str, AfterValidator(is_cluster)] = ""
    #: A folder with the certificates of the cluster.
    cluster_certificates: str = ""
    curator: Annotated[str, Field(min_length=1)] = "curator"
    visits: VisitSettings = VisitSettings()
    pages: PageSettings = PageSettings()
    roundups: RoundupSettings = RoundupSettings()
    #: Before the shortlist, whose validation needs the digest's sections.
    digest: DigestSettings = DigestSettings()
    shortlist: ShortlistSettings = ShortlistSettings()
    weights: WeightSettings = WeightSettings()  # type: ignore[valid-type] # made from the members of Weight
    learning: LearningSettings = LearningSettings()
    server: ServerSettings = ServerSettings()
    keys: KeySettings = KeySettings()
    notices: NoticeSettings = NoticeSettings()
    drafting: DraftingSettings = DraftingSettings()
    talk: TalkSettings = TalkSettings()
    logs: LogSettings = LogSettings()
    suggestions: SuggestionSettings = SuggestionSettings()
    retention: RetentionSettings = RetentionSettings()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _check_certificates(self) -> Self:
        if self.cluster.startswith("tls:") != bool(self.cluster_certificates):
            said = t("tls:// needs a folder of certificates, and certificates need tls://")
            raise point_at("Settings", ("cluster_certificates",), self.cluster_certificates, said)
        return self

    @field_validator("shortlist")
    @classmethod
    def _name_sections(cls, shortlist: ShortlistSettings, info: ValidationInfo) -> ShortlistSettings:
        """Key the quotas of sections by number."""
        digest = info.data.get("digest")
        return shortlist if digest is None else name_sections(shortlist, digest.taxonomy)

    @property
    def taxonomy(self) -> Taxonomy:
        """The parts and topics of the digest."""
        return self.digest.taxonomy

    @property
    def style(self) -> LineStyle:
        """How the lines of a digest are printed."""
        said = self.digest
        place = said.highlight_place if said.highlights else HighlightPlace.NONE
        return LineStyle(place, said.highlight_mark, said.label_style, said.note_style)

    def merge_texts(self, last: Texts | None) -> Texts:
        """The fixed texts of a digest: as set, else as in the digest *last* read, else as shipped."""
        taxonomy = self.taxonomy
        head = SHIPPED_HEAD if taxonomy == SHIPPED else _PLAIN_HEAD
        parts: Mapping[Part, str] = last.parts if last else {}
        topics: Mapping[Topic, str] = last.topics if last else {}
        return Texts(
            head=self.digest.head or (last.head if last else head),
            parts={part: _choose_heading(part, self.digest.parts, parts) for part in taxonomy.parts},
            topics={topic: _choose_heading(topic, self.digest.topics, topics) for topic in taxonomy.topics},
            style=self.style,
        )


_PLAIN_HEAD = "# Digest\n\n"


def _choose_heading(place: Part | Topic, listed: Mapping[str, object], last: Mapping[Any, str]) -> str:
    """A text in feeds.toml is a heading; a table has already given the part or topic its own."""
    said = listed.get(place)
    return said if isinstance(said, str) else place.heading if said else last.get(place, place.heading)


def name_sections(shortlist: ShortlistSettings, taxonomy: Taxonomy) -> ShortlistSettings:
    """The settings with the quotas of sections keyed by number. Raises ValidationError with the key."""
    named: dict[str, int] = {}
    for key, most in shortlist.sections.items():
        try:
            named[str(taxonomy.parse_section(key))] = most
        except ValueError as error:
            raise point_at("ShortlistSettings", ("sections", key, "[key]"), key, str(error)) from None
    return shortlist.model_copy(update={"sections": named})


SHIPPED_TEXTS = Settings().merge_texts(None)
