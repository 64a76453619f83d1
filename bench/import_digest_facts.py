"""Writes the bibliographic facts of a published digest as training rows: titles, hosts, organisations, sections.

    python bench/import_digest_facts.py ../shared/digest/README-2023-01.md \
        > src/aggregator/classify/data/digest-2023-01.jsonl

Notes are the curator's own words and stay out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from aggregator.addresses.urls import host_of
from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.escape import unescape_text
from aggregator.digest.read import read_digest
from aggregator.text.language import find_language


def main(file: Path) -> None:
    for line in read_digest(file.read_text("utf-8"), SHIPPED_TEXTS).digest.lines:
        title = unescape_text(line.title).replace("*", "")
        row = {
            "title": title,
            "summary": "",
            "organisation": line.organisation,
            "host": host_of(line.url),
            "language": find_language(title),
            "part": str(line.section.part),
            "topic": str(line.section.topic),
            "origin": f"digest {file.stem.removeprefix('README-')}",
        }
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
