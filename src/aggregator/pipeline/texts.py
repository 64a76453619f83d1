"""The head and the headings of the next prints: as the curator says, else feeds.toml, else the page that was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aggregator import config
from aggregator.digest.errata import leave_out_errata
from aggregator.digest.texts import STYLES, change_texts, find_in_force, list_texts, settle_text
from aggregator.locales import mark
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.storage import digests
from aggregator.storage import texts as stored
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, TextChange, Texts

#: Where a text is from.
CURATOR, FEEDS_TOML, READ, SHIPPED = mark("set here"), "feeds.toml", mark("the page that was read"), mark("shipped")


@dataclass(frozen=True, slots=True)
class FixedText:
    """A fixed text of the next print."""

    #: As in feeds.toml.
    name: str
    text: str
    source: str
    #: What it is without the curator's, and where that is from.
    otherwise: str
    otherwise_from: str

    @property
    def is_changed(self) -> bool:
        return self.source == CURATOR


def find_texts(home: Home, connection: Connection) -> Texts:
    """Return the fixed texts of the next print."""
    base = _find_base(home, connection)
    return change_texts(base, _find_in_force(home, connection, base))


def list_fixed_texts(home: Home) -> list[FixedText]:
    """List the head and the headings, each with where it is from."""
    with home.reading() as connection:
        base = _find_base(home, connection)
        changed = _find_in_force(home, connection, base)
        read = _find_read(connection)
    listed, of_read = config.list_texts(home.settings), list_texts(read) if read else {}
    found = []
    for name, text in list_texts(base).items():
        is_read = of_read.get(name) == text and name not in STYLES
        source = FEEDS_TOML if name in listed else READ if is_read else SHIPPED
        found.append(FixedText(name, changed.get(name, text), CURATOR if name in changed else source, text, source))
    return found


def plan_texts(home: Home, connection: Connection, typed: Mapping[str, str]) -> Texts:
    """Return the fixed texts with some of them as typed; an empty one is as in feeds.toml.

    Raises DigestError, whose field is the name, for one that cannot be printed.
    """
    base = _find_base(home, connection)
    in_force = _find_in_force(home, connection, base)
    settled = {name: settle_text(name, text, base) for name, text in typed.items()}
    wanted = {name: text for name, text in {**in_force, **settled}.items() if text}
    return change_texts(base, wanted)


def set_texts(home: Home, typed: Mapping[str, str | None]) -> list[TextChange]:
    """Set fixed texts over feeds.toml for the next prints, as one action; returns what changed. An empty text, None and
    what feeds.toml says itself go back to it.

    Raises DigestError as ``plan_texts``.
    """
    with home.database.writing() as connection:
        base = _find_base(home, connection)
        in_force = _find_in_force(home, connection, base)
        otherwise, listed = list_texts(base), config.list_texts(home.settings)
        made = []
        for name, text in typed.items():
            settled = settle_text(name, text or "", base)
            value = None if not settled or settled.strip() == otherwise[name].strip() else settled
            if value != in_force.get(name):
                made.append(TextChange(name, value, listed.get(name), home.curator, home.now))
        if made:
            told = {one.name: one.value for one in made}
            stored.append_texts(connection, made, record(home, connection, ActionKind.PRINT, details={"texts": told}))
    return made


def reset_texts(home: Home) -> list[TextChange]:
    """Go back to feeds.toml; return what changed."""
    with home.reading() as connection:
        names = list(_find_in_force(home, connection, _find_base(home, connection)))
    return set_texts(home, dict.fromkeys(names))


def _find_base(home: Home, connection: Connection) -> Texts:
    return home.settings.merge_texts(_find_read(connection))


def _find_read(connection: Connection) -> Texts | None:
    """Find the texts of the page that was read last; what was put right on it is told on that page alone."""
    found = digests.find_last_texts(connection)
    return found and replace(found, head=leave_out_errata(found.head))


def _find_in_force(home: Home, connection: Connection, base: Texts) -> dict[str, str]:
    names = list_texts(base)
    found = find_in_force(stored.list_texts(connection), config.list_texts(home.settings))
    # Texts of parts and topics that have gone do not count.
    return {name: text for name, text in found.items() if name in names}
