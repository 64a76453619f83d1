"""Time zones in dates: offsets, the usual short names, and those of the IANA database. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: The first and the last zone of the world, which bound the calendar days of a moment.
WEST, EAST = timedelta(hours=-12), timedelta(hours=14)

# RFC 822 (UT to PDT), and others. Of its military letters only Z: RFC 2822 says that the others were used wrongly.
_HOURS = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0.0),
    **{"EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0},
    **{"KST": 9.0, "JST": 9.0, "IST": 5.5, "PKT": 5.0, "SGT": 8.0, "HKT": 8.0, "MYT": 8.0, "PHT": 8.0, "ICT": 7.0},
    **{"WIB": 7.0, "WITA": 8.0, "AEST": 10.0, "AEDT": 11.0, "ACST": 9.5, "ACDT": 10.5, "AWST": 8.0},
    **{"NZST": 12.0, "NZDT": 13.0, "CET": 1.0, "CEST": 2.0, "MET": 1.0, "MEST": 2.0, "MEZ": 1.0, "MESZ": 2.0},
    **{"EET": 2.0, "EEST": 3.0, "MSK": 3.0, "TRT": 3.0, "WEST": 1.0, "BST": 1.0, "SAST": 2.0, "IDT": 3.0},
    **{"AST": -4.0, "ADT": -3.0, "BRT": -3.0, "ART": -3.0, "PET": -5.0, "COT": -5.0},
    **{"AKST": -9.0, "AKDT": -8.0, "HST": -10.0},
}
# Names of several zones.
_SHARED = frozenset({"IST", "BST", "CST", "AST"})
# Names for the local time of a place, in summer and winter.
_PLACES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_ZONES: dict[str, tzinfo] = {name: timezone(timedelta(hours=hours)) for name, hours in _HOURS.items()} | {
    name: ZoneInfo(place) for name, place in _PLACES.items()
}
_LONGEST_PLACE = 40
# In this order: Go's monotonic clock, a place (Asia/Seoul), an offset with or without UTC, an offset whose plus became
# a space, a word.
_NAME = re.compile(
    r"m=[+-][\d.]+|(?P<place>[a-z]+(?:/[\w+-]+)+)|(?:utc|gmt|ut|z)? ?(?P<sign>[+-])(?P<hours>\d{1,2})"
    r"(?::?(?P<minutes>\d{2})(?::?\d{2})?)?(?!\d)|\b\d{2}:\d{2}$|(?P<word>[^\W\d_][^\W_]*)",
    re.IGNORECASE,
)


class NamedZone(NamedTuple):
    """A zone as a text names it."""

    #: None if no name in it is known.
    zone: tzinfo | None
    #: Whether it means exactly one zone.
    is_certain: bool


# A feed has the same zone in all its dates.
@lru_cache(maxsize=256)
def read_zone(text: str) -> NamedZone | None:
    """The zone of a text of names and offsets, such as ``+0900 KST``; None if it is something else.

    An offset overrides a place, and a place overrides a short name; names that contradict each other are not certain.
    """

    if re.search(r"\d", _NAME.sub("", text)):
        return None
    found = list(_NAME.finditer(text))
    names = [name for match in found if match["word"] and (name := match["word"].upper()) in _ZONES]
    offsets = [offset for match in found if match["sign"] and (offset := _read_offset(match))]
    # Each once: looking for a place that is not there reads the disk.
    named = dict.fromkeys(name for match in found if (name := match["place"] or match["word"]))
    places = [place for name in named if name.upper() not in _ZONES and (place := _find_place(name))]
    best = next(iter([*offsets, *places, *(_ZONES[name] for name in names)]), None)
    said = {*offsets, *(_ZONES[name] for name in names if name not in _SHARED and name not in _PLACES)}
    is_shared = not offsets and not places and bool(names) and names[0] in _SHARED
    return NamedZone(best, is_certain=best is not None and len(said) <= 1 and not is_shared)


def _read_offset(found: re.Match[str]) -> timezone | None:
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    offset = -offset if found["sign"] == "-" else offset
    return timezone(offset) if WEST <= offset <= EAST else None


def _find_place(name: str) -> tzinfo | None:
    for spelling in (name, name.title()) if len(name) <= _LONGEST_PLACE else ():
        with suppress(KeyError, OSError, ValueError):
            return ZoneInfo(spelling)
    return None
