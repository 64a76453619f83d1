"""All exceptions.

::

    AggregatorError
     ├── ConfigError            a mistake in feeds.toml, an environment variable or a table (file, key)
     ├── MissingExtraError      a package that a setting needs is not installed
     ├── FeedError              a feed could not be visited (url)
     │    ├── RetrieveError     … its document could not be retrieved
     │    └── ParseError        … its document is not a feed
     ├── WorkerError            a document could not be read because of this program or machine
     ├── NotFoundError          something that was asked for does not exist
     ├── ReviewError            the state of a post does not allow a verdict (post, verdict)
     │    └── MeanwhileError    … the post has changed since the curator saw it
     ├── DraftingError          the endpoint gave no draft of a note
 ├── TokenError             a token of the API cannot be made
     ├── RuleError              a rule of the curator cannot be applied (field)
     ├── ExampleError           a file of labelled posts has a mistake (file, line)
     ├── PasswordError          a password cannot be used
     ├── ModelNotTrainedError   a guess was requested before there was a model
     ├── ModelError             a model cannot be fitted or used
     ├── MetricsError           the ranking of published months cannot be measured
     ├── StoppedError           long work was stopped because the program is ending
     ├── DigestError            a digest cannot be read, composed or printed
     │    └── WorkTreeError     … or what was printed cannot be committed
     └── StorageError           the database cannot be opened, migrated or written

Exceptions of other libraries are wrapped once, in the file that owns the library. The message says what was being done,
and the cause is kept. "Not modified", "nothing new" and "already decided" are outcomes, not errors. The text of every
exception here is a sentence for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregator.locales import t

if TYPE_CHECKING:
    from aggregator.types import Hop


class AggregatorError(Exception):
    """The base class: an expected failure that a person can act on."""


class ConfigError(AggregatorError):
    """A mistake in feeds.toml or in an environment variable."""

    def __init__(self, message: str, *, file: str, key: str | None = None, line: int | None = None) -> None:
        super().__init__(f"{_say_place(file, line, key)}: {message}")
        self.file = file
        self.key = key
        self.line = line


def _say_place(file: str, line: int | None, key: str | None = None) -> str:
    return ", ".join(filter(None, [file, t("line {number}", number=line) if line else "", key]))


class MissingExtraError(AggregatorError):
    """*setting* needs *library*, which is not installed and comes with the package's *extra*."""

    def __init__(self, setting: str, library: str, extra: str) -> None:
        super().__init__(
            t(
                "{setting} needs {library}, which is not installed: pip install 'aggregator[{extra}]'",
                setting=setting,
                library=library,
                extra=extra,
            )
        )


class FeedError(AggregatorError):
    """A feed could not be visited. The text is only the reason; ``url`` is the address."""

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: str | None = None,
        excerpt: str | None = None,
        hops: tuple[Hop, ...] = (),
        is_deserted: bool = False,
        wall: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.url = url
        self.reason = reason
        self.status = status
        #: The raw header field.
        self.retry_after = retry_after
        #: The first characters of the document that is not a feed.
        self.excerpt = excerpt
        #: The redirects that were followed, in order.
        self.hops = hops
        #: Whether the server is gone: its name does not exist, or it refuses connections.
        self.is_deserted = is_deserted
        #: The bot protection that answered in place of the site, such as Cloudflare.
        self.wall = wall

    def __reduce__(self) -> tuple[object, ...]:
        # Errors of the parser are sent between processes; the default would lose the arguments.
        return (_make_again, (type(self), self.__dict__))


def _make_again(kind: type[FeedError], values: dict[str, Any]) -> FeedError:
    return kind(**values)


class RetrieveError(FeedError):
    """The document of a feed could not be retrieved."""


class ParseError(FeedError):
    """The document of a feed could not be read as a feed."""


class WorkerError(AggregatorError):
    """A document could not be read because of this program or machine; the document itself may be fine."""


class NotFoundError(AggregatorError):
    """Something that was asked for does not exist."""


class ReviewError(AggregatorError):
    """The state of a post does not allow a verdict."""

    def __init__(self, message: str, *, post_id: int, verdict: str) -> None:
        super().__init__(message)
        self.post_id = post_id
        self.verdict = verdict


class MeanwhileError(ReviewError):
    """The post has changed since the curator saw it."""


class DraftingError(AggregatorError):
    """The endpoint that drafts notes gave none."""


class TokenError(AggregatorError):
    """A token of the API cannot be made as wanted."""


class RuleError(AggregatorError):
    """A rule of the curator cannot be applied as given."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class PasswordError(AggregatorError):
    """A password cannot be used as that of the page."""


class ExampleError(AggregatorError):
    """A file of labelled posts cannot be used to measure."""

    def __init__(self, message: str, *, file: str, line: int | None = None) -> None:
        super().__init__(f"{_say_place(file, line)}: {message}")
        self.file = file
        self.line = line


class ModelNotTrainedError(AggregatorError):
    """A guess was requested before there was a model."""


class ModelError(AggregatorError):
    """A model cannot be fitted or used."""


class MetricsError(AggregatorError):
    """The ranking of published months cannot be measured."""


class StoppedError(AggregatorError):
    """Long work was stopped because the program is ending; results that are stored already stay."""

    def __init__(self) -> None:
        super().__init__(t("the work was stopped because the program is ending"))


class DigestError(AggregatorError):
    """A digest cannot be read, composed or printed; *field* of a line is why, if it is known."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class WorkTreeError(DigestError):
    """What was printed cannot be committed in its git work tree; the print stands."""


class StorageError(AggregatorError):
    """The database cannot be opened, migrated or written."""
