"""Recorded feeds as posts of a mixed month, for ``aggregator evaluate rank --data``.

    python bench/recorded_month.py [FEEDS] > recorded.jsonl

FEEDS is a folder of recorded feed documents. Of each feed the posts of its last month are written, with their texts and
dates. Nobody labelled them; each takes the label of its feed, as in ``bench/scope.py``, so that a few items of feeds about
other things are about machine learning all the same.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from scope import ABOUT_IT, ABOUT_OTHER_THINGS, RECORDED

from aggregator.dates.read import parse_date
from aggregator.feeds.parse import parse_document
from aggregator.text.content import read_content
from aggregator.text.html import sanitise_html
from aggregator.text.language import find_language
from aggregator.text.titles import plain_title
from aggregator.types import ParsedEntry

#: The fewest posts of a feed, however old, and the most, so that a firehose does not fill the month.
_LEAST, _MOST = 2, 15
_MONTH = timedelta(days=31)


def main(folder: Path) -> None:
    for scope, feeds in (("in", ABOUT_IT), ("out", ABOUT_OTHER_THINGS)):
        for feed in feeds:
            for post in read_month(folder / f"{feed}.xml", f"https://{feed.partition('@')[0]}.example/"):
                print(json.dumps({**post, "source": feed, "scope": scope}, ensure_ascii=False))


def read_month(document: Path, site: str) -> list[dict[str, str]]:
    """The newest posts of a feed; what has no date, address or title is left out."""
    entries = [
        (found, entry)
        for entry in parse_document(document.read_bytes(), f"{site}feed").entries
        if (found := parse_date(entry.published_raw or entry.updated_raw or "")) and entry.url and entry.title
    ]
    entries.sort(key=lambda dated: dated[0], reverse=True)
    newest = [dated for dated in entries if dated[0] > entries[0][0] - _MONTH]
    chosen = (newest if len(newest) >= _LEAST else entries[:_LEAST])[:_MOST]
    return [describe(entry, at, site) for at, entry in chosen]


def describe(entry: ParsedEntry, at: datetime, site: str) -> dict[str, str]:
    """As a line of the file."""
    text = read_content(sanitise_html(entry.content or entry.summary)).text
    title = plain_title(entry.title)
    return {
        "url": urljoin(site, entry.url or ""),
        "title": title,
        "text": text,
        "language": find_language(f"{title} {text}"),
        "published": at.isoformat(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else RECORDED)
