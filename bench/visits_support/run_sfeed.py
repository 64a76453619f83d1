"""Visit feeds once with sfeed's ``sfeed_update``, in a process of its own.

    python run_sfeed.py FEEDS.json HOME RESULT.json

The same question as run_aggregator.py, with sfeed's defaults, eight feeds at once, each with a curl of its own; but curl
asks for packed answers, which are all that the server has. sfeed sends neither ETag nor Last-Modified, and keeps a file of
lines for each feed: no texts are sanitised and no posts are made.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from shlex import quote


def main(feeds_file: Path, home: Path, result_file: Path) -> None:
    urls = json.loads(feeds_file.read_text(encoding="utf-8"))
    kept = home / "feeds"
    asked = "\n".join(f"feed f{number} {quote(url)}" for number, url in enumerate(urls))
    settings = home / "sfeedrc"
    fetch = 'fetch() { curl --compressed -f -s -m 15 "$2"; }'
    settings.write_text(f"sfeedpath={quote(str(kept))}\n{fetch}\nfeeds() {{\n{asked}\n}}\n", encoding="utf-8")
    before = _count(kept)
    start = time.perf_counter()
    # It ends with status 1 when one feed failed; what was asked and answered is compared with the server's log.
    subprocess.run(["sfeed_update", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    entries = _count(kept)
    result = {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "entries": entries,
        "entries_new": entries - before,
    }
    result_file.write_text(json.dumps(result), encoding="utf-8")


def _count(folder: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in folder.glob("*"))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
