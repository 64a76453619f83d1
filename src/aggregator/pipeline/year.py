"""The review of a year, from what was printed and read."""

from __future__ import annotations

from aggregator.digest.year import Year, compose_year, count_year
from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.storage import corrections, digests
from aggregator.types import Digest


def review_year(home: Home, year: int) -> tuple[Year, Digest]:
    """Count what was printed in a year; returns it with its highlights as a digest, in the present language.

    Raises NotFoundError if nothing of that year was printed or read.
    """
    with home.reading() as connection:
        texts = find_texts(home, connection)
        published = [(one.month, one.digest.lines) for one in digests.list_printed(connection)]
        stars = corrections.list_stars(connection)
    counted = count_year(year, published, stars, texts)
    if not counted.lines:
        raise NotFoundError(t("nothing of {year} is printed or read yet", year=year))
    return counted, compose_year(counted, texts)
