"""What was stored as an English sentence, said in the language of the reader: why a visit failed, why a feed moved.

Such a sentence is written when nobody reads it, so it is kept in English, as in the log. It is one of the messages
below with its values filled in. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from string import Formatter

from aggregator.locales import ENGLISH, get_language, mark, t

# Between two remarks about one document.
_SEPARATOR = "; "
# Characters. Reasons are shorter, unless they quote much.
_LONGEST = 2000
# The first message that fits counts.
_REASONS = (
    # Retrieving (fetch).
    mark("no complete answer within {seconds} seconds"),
    mark("the answer cannot be unpacked: {error}"),
    mark("more than {number} redirects"),
    mark("the credentials of this feed have characters that HTTP does not allow"),
    mark("the server answers 304 to a request without validators"),
    mark("the server redirects without saying where"),
    mark("the server asks for a password"),
    mark("the server denies access"),
    mark("there is no such document"),
    mark("the document is gone for good"),
    mark("the server asks for fewer visits"),
    mark("the server is in trouble"),
    mark("the server answers with an error"),
    mark("{reason} (HTTP {status})"),
    mark("the server redirects to {address}, which cannot be visited: {error}"),
    mark("the server redirects to {address}, which is not an address"),
    mark("the address cannot be visited: {error}"),
    mark("only http and https are visited"),
    mark("it names no host"),
    mark("no secure connection to {host}: {error}"),
    mark("{host} refuses the connection"),
    mark("{host} closed the connection before it answered"),
    mark("the answer of {host} is not valid HTTP: {error}"),
    mark("no connection to {host} within {seconds} seconds"),
    mark("no connection to {host}: {error}"),
    mark("a socket of this machine is not visited"),
    mark("{host} is not a name, or means a network interface of this machine, and is not visited"),
    mark("{port} is not a port; the highest is 65535"),
    mark("the name {host} cannot be resolved"),
    mark("the name {host} leads to no address"),
    mark(
        "the name {host} leads to {address}, an address {kind}, which is not visited; see visits.allowed_networks",
    ),
    mark("{host} is an address {kind}, which is not visited; see visits.allowed_networks"),
    mark("of a cloud's metadata service"),
    mark("of this machine itself"),
    mark("inside a private network"),
    mark("inside a provider's network"),
    mark("of the local link"),
    mark("of many machines at once"),
    mark("that is reserved"),
    mark("robots.txt of {host} does not allow it"),
    mark("robots.txt of {host} cannot be read: {reason}"),
    # Reading (fetch.workers, feeds.parse, feeds.formats, text.charset).
    mark("reading the document takes more than {seconds} seconds"),
    mark("reading the document takes too much memory"),
    mark("the parser process died on the document, twice"),
    mark("this machine is too busy to read documents"),
    mark("no parser process can be started; is there enough memory?"),
    mark("the program ends"),
    mark("no document can be read now: {error}"),
    mark("the answer is empty"),
    mark("the answer contains only zero bytes"),
    mark("the answer begins like JSON, but cannot be read ({error})"),
    mark("the answer is JSON, but not a JSON Feed"),
    mark("the answer is {kind}, not a feed; it names {addresses} and {number} more"),
    mark("the answer is {kind}, not a feed; it names {addresses}"),
    mark("the answer is {kind}, not a feed"),
    mark("an HTML page"),
    mark("an HTML page ({title})"),
    mark("an XML document of another kind ({element})"),
    mark("something unknown"),
    mark("a PDF"),
    mark("a PNG picture"),
    mark("a JPEG picture"),
    mark("a GIF picture"),
    mark("a WebP picture"),
    mark("an icon"),
    mark("a ZIP archive"),
    mark("gzip data"),
    mark("zstd data"),
    mark("bzip2 data"),
    mark("xz data"),
    mark("an MP3 file"),
    mark("an Ogg file"),
    mark("a program"),
    mark("no entry could be read: {reason}"),
    mark("the document ends too early, before the end of its first entry"),
    mark("the document ends too early; its {number} complete entries are read"),
    mark("the document is broken, and only its first {size} MB were looked at, before the end of its first entry"),
    mark("the document is broken, and only its first {size} MB were looked at; its {number} complete entries are read"),
    mark("the JSON breaks off; its {number} complete entries are read"),
    mark("the document has {number} entries; the newest {kept} are read"),
    mark("the document does not escape all that XML asks to escape, such as a bare & or &nbsp;"),
    mark("the document is not well-formed XML (line {line}: {error})"),
    mark("the document is not well-formed XML ({error})"),
    mark("the parser gives up over the document ({error})"),
    mark("the document has bytes that are not {charset}; they are shown as �"),
    mark("the document is not in {claimed} as it says; read as {charset}"),
    # Deciding what a visit changes (feeds.update, feeds.moves).
    mark("found by asking for the whole document: {number} new entry, while the server calls it unchanged"),
    mark("found by asking for the whole document: {number} new entries, while the server calls it unchanged"),
    mark("found by asking for the whole document: {number} changed entry, while the server calls it unchanged"),
    mark("found by asking for the whole document: {number} changed entries, while the server calls it unchanged"),
    mark("{number} of its items has no address and is left out"),
    mark("{number} of its items have no address and are left out"),
    mark("{number} of its items has an address of more than {length} characters and is left out"),
    mark("{number} of its items have an address of more than {length} characters and are left out"),
    mark("it has moved to {address}, which another feed follows already"),
    mark("it has moved to {address}, and that move was taken back"),
    mark("it has moved to {address}, for which its credentials are not meant"),
    mark(
        "all its items are at {host} now and no longer at {before}; the stored addresses stay until {needed} visits in "
        "a row over {days} days agree (so far {number})"
    ),
    mark("addresses of its items that nobody else can reach ({host}) are not taken: {counts}"),
    mark("{number} stored address stays, {counts}"),
    mark("{number} stored addresses stay, {counts}"),
    mark("{number} stored address stays"),
    mark("{number} stored addresses stay"),
    mark("{number} is new and left out"),
    mark("{number} are new and left out"),
    mark("the old address redirects there for good, and it is the same by https"),
    mark("the old address has redirected there for {number} day, and the same entries are there"),
    mark("the old address has redirected there for {number} days, and the same entries are there"),
    mark("the old address has redirected there for {number} hour, and the same entries are there"),
    mark("the old address has redirected there for {number} hours, and the same entries are there"),
    mark("the old address redirected there, to the same entries, and now it is dead: {reason}"),
    mark("a failure of this program, not of the feed: {reason}"),
    mark("a failure of this program, not of the page: {reason}"),
    mark("internal error: {error}"),
    # The pages of posts (posts.pages).
    mark("the page is {kind}, not HTML"),
    mark("the page is not readable HTML"),
    mark("the page asks not to be kept ({directive})"),
    mark("no text was found in the page"),
    mark("the page does not contain what the feed says"),
    mark("the page says no more than the feed"),
    # What the curator did (pipeline.follow).
    mark("the curator gave another address"),
    mark("the address of feeds.toml again"),
    mark("the change was taken back"),
)


def say_reason(stored: str) -> str:
    """Say a stored reason; what is not known here stays in English."""
    return retell(stored, _REASONS)


def retell(stored: str, messages: Iterable[str]) -> str:
    """Say a sentence that was stored in English: one of the *messages*, or several of them with "; " between.

    The values of a message may be messages themselves. What fits none stays as it is.
    """
    if get_language() == ENGLISH or len(stored) > _LONGEST:
        return stored
    messages = tuple(messages)
    # The whole comes first, since some messages have a semicolon.
    for said, rest in [(stored, ""), *_split(stored)]:
        for message in messages:
            values = _find_values(said, message)
            if values is not None:
                told = t(message, **{name: retell(value, messages) for name, value in values.items()})
                return f"{told}{_SEPARATOR}{retell(rest, messages)}" if rest else told
    return stored


def _split(stored: str) -> Iterator[tuple[str, str]]:
    """Split a sentence in two, in each way."""
    at = stored.find(_SEPARATOR)
    while at >= 0:
        yield stored[:at], stored[at + len(_SEPARATOR) :]
        at = stored.find(_SEPARATOR, at + 1)


def _find_values(said: str, message: str) -> dict[str, str] | None:
    """Find what was filled in for the names of a message; None if it is another message."""
    values: dict[str, str] = {}
    at, name = 0, None
    for literal, following in _parse(message):
        if name is None:
            end = at if said.startswith(literal, at) else -1
        else:
            end = said.find(literal, at + 1) if following else len(said) - len(literal)
            values[name] = said[at:end]
        if end < at or not said.startswith(literal, end):
            return None
        at, name = end + len(literal), following
    return values if at == len(said) else None


@cache
def _parse(message: str) -> tuple[tuple[str, str | None], ...]:
    """The texts of a message, each with the name that follows it; the last one has none."""
    pieces = [(literal, name) for literal, name, *_ in Formatter().parse(message)]
    return (*pieces, ("", None)) if pieces[-1][1] else tuple(pieces)
