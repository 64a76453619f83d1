"""How long all rows take from SQLite to PostgreSQL and back, and a backup of them, and whether they are equal.

    python bench/moving.py [POSTS]

Stores invented posts over ten years, each with its entry and HTML, and counts table by table. The search is left out, which the
daemon makes anew afterwards.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from pages import fill

from aggregator.config import Config, Settings
from aggregator.pipeline.backup import back_up, restore
from aggregator.pipeline.moving import export_rows, import_rows
from aggregator.storage import moving
from aggregator.storage.database import Database
from databases import run_postgres


def measure(name: str, work: Callable[[], object]) -> None:
    start, before = time.perf_counter(), time.process_time()
    work()
    spent, processor = time.perf_counter() - start, time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:30} {spent:7.1f} s   processor {processor:6.1f} s   {memory:5.0f} MB at most", flush=True)


def digest(config: Config, without: bytes = b'{"table": "behind"') -> str:
    """Of all rows but those that say what is to be indexed."""
    file = config.home / "rows.jsonl"
    with file.open("rb") as lines:
        *rows, _ = (hashlib.sha256(line).digest() for line in lines if not line.startswith(without))
    return hashlib.sha256(b"".join(rows)).hexdigest()


def export(config: Config) -> None:
    with (config.home / "rows.jsonl").open("wb") as file:
        export_rows(config, file)


def take(config: Config, other: Config) -> None:
    with (other.home / "rows.jsonl").open("rb") as file:
        import_rows(config, file)


def main() -> None:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, run_postgres() as server:
        homes = [Path(folder) / name for name in ("first", "there", "back", "restored")]
        for home in homes:
            home.mkdir()
        first, there, back, restored = (
            Config(home, home / "feeds.toml", Settings(database_url=server.create_empty() if n == 1 else ""), ())
            for n, home in enumerate(homes)
        )
        database = Database(first.database)
        database.migrate()
        fill(database, posts)
        database.close()
        measure("export from SQLite", lambda: export(first))
        print(f"{(first.home / 'rows.jsonl').stat().st_size / 1e6:.0f} MB of JSON")
        measure("import into PostgreSQL", lambda: take(there, first))
        measure("export from PostgreSQL", lambda: export(there))
        measure("import into SQLite", lambda: take(back, there))
        export(back)
        print("equal row for row:", digest(first) == digest(there) == digest(back))
        for config in (first, there, back):
            database = Database(config.database)
            with database.reading() as connection:
                print({name: count for name, count in moving.count_rows(connection).items() if count})
            database.close()
        measure("backup", lambda: back_up(first, first.home / "backup.zip"))
        print(f"{(first.home / 'backup.zip').stat().st_size / 1e6:.0f} MB")
        measure("restore", lambda: restore(restored, first.home / "backup.zip"))


if __name__ == "__main__":
    main()
