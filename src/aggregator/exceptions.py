"""All exceptions.

::

    AggregatorError
     ├── ConfigError            a mistake in feeds.toml, an environment variable or a table (file, key)
     ├── MissingExtraError      a package that a setting needs is not installed
     ├── FeedError              a feed could not be visited (url)
     │    ├── RetrieveError     … its document could not be retrieved
     │    └── ParseError        … its document is not a feed
     ├── WorkerError            a document could not be read, through no fault of its own
     ├── NotFoundError          what was asked for does not exist
     ├── ReviewError            a verdict that the state of its post does not allow (post, verdict)
     ├── RuleError              a rule of the curator that cannot be applied (field)
     ├── ExampleError           a file of labelled posts to measure with has a mistake (file, line)
     ├── ModelNotTrainedError   a guess was asked for before there was a model
     ├── ModelError             a model cannot be fitted, used or put back as asked
     ├── FiguresError           the ranking of published months cannot be measured
     ├── StoppedError           long work was ended early, because the program ends
     ├── DigestError            a digest cannot be read, composed or printed
     └── StorageError           the database cannot be opened, migrated or written

Exceptions of other libraries are wrapped once, in the file that owns the library, with the moment named and the cause
kept. "Not modified", "nothing new" and "already decided" are outcomes, not errors. The text of every exception here is
a sentence for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.types import Hop


class AggregatorError(Exception):
    """The base class: an expected failure that a person can act on."""


class ConfigError(AggregatorError):
    """A mistake in feeds.toml or in an environment variable."""

    def __init__(self, message: str, *, file: str, key: str | None = None, line: int | None = None) -> None:
        place = file + (f", line {line}" if line else "") + (f", {key}" if key else "")
        super().__init__(f"{place}: {message}")
        self.file = file
        self.key = key
        self.line = line


class MissingExtraError(AggregatorError):
    """*setting* needs *library*, which is not installed; it comes with the package's *extra*."""

    def __init__(self, setting: str, library: str, extra: str) -> None:
        super().__init__(f"{setting} needs {library}, which is not installed: pip install 'aggregator[{extra}]'")


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
    ) -> None:
        super().__init__(reason)
        self.url = url
        self.reason = reason
        self.status = status
        #: The raw header field.
        self.retry_after = retry_after
        #: The first characters of what came instead of a feed.
        self.excerpt = excerpt
        #: The redirects that were followed, in order.
        self.hops = hops
        #: Whether the server is gone: the name does not exist, or the connection is refused.
        self.is_deserted = is_deserted

    def __reduce__(self) -> tuple[object, ...]:
        # Errors of the parser pass between processes; the default would lose the arguments.
        return (_make_again, (type(self), self.__dict__))


def _make_again(kind: type[FeedError], values: dict[str, Any]) -> FeedError:
    return kind(**values)


class RetrieveError(FeedError):
    """The document of a feed could not be retrieved."""


class ParseError(FeedError):
    """The document of a feed could not be read as a feed."""


class WorkerError(AggregatorError):
    """A document could not be read because of this program or machine, which says nothing about the document."""


class NotFoundError(AggregatorError):
    """What was asked for does not exist."""


class ReviewError(AggregatorError):
    """A verdict that the state of its post does not allow."""

    def __init__(self, message: str, *, post_id: int, verdict: str) -> None:
        super().__init__(message)
        self.post_id = post_id
        self.verdict = verdict


class MeanwhileError(ReviewError):
    """Somebody changed the post after the person who acts now saw it."""


class RuleError(AggregatorError):
    """A rule of the curator that cannot be applied as it was given."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class ExampleError(AggregatorError):
    """A file of labelled posts cannot be measured with."""

    def __init__(self, message: str, *, file: str, line: int | None = None) -> None:
        super().__init__(f"{file}{f', line {line}' if line else ''}: {message}")
        self.file = file
        self.line = line


class ModelNotTrainedError(AggregatorError):
    """A guess was asked for before there was a model."""


class ModelError(AggregatorError):
    """A model cannot be fitted, used or put back as asked."""


class MetricsError(AggregatorError):
    """The ranking of published months cannot be measured."""


class StoppedError(AggregatorError):
    """Long work was ended early, because the program ends; what was stored so far stays."""

    def __init__(self) -> None:
        super().__init__("the work was ended early, because the program ends")


class DigestError(AggregatorError):
    """A digest cannot be read, composed or printed."""


class StorageError(AggregatorError):
    """The database cannot be opened, migrated or written."""
