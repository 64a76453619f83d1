"""How fast feeds are visited: a first visit of many feeds, and one when nothing changed.

    python bench/visits.py [--feeds 1000] [--rounds 1] [--folder FOLDER OF FEED DOCUMENTS] [--keep FOLDER]
                           [--reader-python PATH [--reader-workers 1,4,8,16]] [--sfeed] [--growth]

The feeds are copies of recorded documents, each with hosts of its own, served by nginx on the loopback (gzip, ETag).
Each visit runs in a fresh process, with SQLite in a temporary folder and the settings as shipped, but for the loopback
being allowed. With ``--reader-python``, lemon24/reader does the same on the same feeds in the same run; PATH is the
Python of an environment that has it (``pip install reader sgmllib3k``: reader 3.26 needs the second without saying so).
``--sfeed`` does the same with sfeed (Debian's package of that name). ``--growth`` shows how the time grows from 100 to
10,000 feeds.

Prints tables in Markdown. Ends with a sentence and exit status 1 when something was not as it should be, for figures of
wrong work are worth nothing. Linux alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from visits_support.corpus import Corpus, make_corpus
from visits_support.measure import Run, run_program
from visits_support.problem import Problem
from visits_support.server import Server, serve

SUPPORT = Path(__file__).parent / "visits_support"
RECORDED = Path(__file__).parents[2] / "shared" / "feeds"
GROWTH = (100, 300, 1_000, 3_000, 10_000)
# Smaller documents, so that 10,000 feeds and what is stored of them find room on any disk.
GROWTH_LARGEST = 40_000


@dataclass(frozen=True, slots=True)
class Result:
    """A visit that was measured, and what the server was asked meanwhile."""

    run: Run
    sent_whole: int
    not_modified: int

    @property
    def seconds(self) -> float:
        return float(self.run.result["seconds"])

    @property
    def cpu_seconds(self) -> float:
        return float(self.run.result["cpu_seconds"] + self.run.result.get("workers_cpu_seconds", 0))


@dataclass(frozen=True, slots=True)
class Pair:
    """A first visit, and the visit after it when nothing changed."""

    first: Result
    unchanged: Result


@dataclass(frozen=True)
class Bench:
    """A corpus that is served, and a folder to work in."""

    corpus: Corpus
    server: Server
    folder: Path

    def visit_with_aggregator(self, feeds: int) -> Pair:
        """Raises Problem unless the first visit stores every entry, and the second finds nothing new."""
        pair = self._visit_twice("aggregator", feeds, [sys.executable, SUPPORT / "run_aggregator.py"], [])
        expected = self.corpus.count_entries(feeds)
        first, unchanged = pair.first.run.result, pair.unchanged.run.result
        _expect("outcomes of the first visit", first["outcomes"], {"retrieved": feeds})
        _expect("entries seen by the first visit", first["entries_seen"], expected)
        _expect("entries stored by the first visit", first["entries"], expected)
        _expect("posts stored by the first visit", first["posts"], expected)
        _expect("outcomes of the unchanged visit", unchanged["outcomes"], {"not modified": feeds})
        _expect("new entries of the unchanged visit", unchanged["entries_new"], 0)
        _expect("entries stored after both", unchanged["entries"], expected)
        _expect("answers 304 to the unchanged visit", pair.unchanged.not_modified, feeds)
        return pair

    def visit_with_reader(self, feeds: int, python: Path, workers: int) -> Pair:
        """Raises Problem unless the first visit stores every entry, and the second finds nothing new.

        Documents that are not well-formed are not feeds to reader: it stores nothing of them.
        """
        pair = self._visit_twice(f"reader-{workers}", feeds, [python, SUPPORT / "run_reader.py"], [str(workers)])
        documents = {self.server.address_of(number): self.corpus.document_of(number) for number in range(feeds)}
        refused = {url for url, document in documents.items() if not document.is_well_formed}
        expected = sum(document.entries for url, document in documents.items() if url not in refused)
        for result in (pair.first.run.result, pair.unchanged.run.result):
            _expect("well-formed feeds that reader failed to read", sorted(set(result["failed"]) - refused), [])
            _expect("entries stored by reader", result["entries"], expected)
        return pair

    def visit_with_sfeed(self, feeds: int) -> Pair:
        """Raises Problem unless the first visit stores entries, and the second finds nothing new."""
        pair = self._visit_twice("sfeed", feeds, [sys.executable, SUPPORT / "run_sfeed.py"], [])
        _expect("whether sfeed stored entries", pair.first.run.result["entries"] > 0, True)
        _expect("new entries of sfeed's unchanged visit", pair.unchanged.run.result["entries_new"], 0)
        return pair

    def _visit_twice(self, name: str, feeds: int, command: list[str | Path], last: list[str]) -> Pair:
        home = self.folder / name
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        urls = [self.server.address_of(number) for number in range(feeds)]
        listed, result = home / "feeds.json", home / "result.json"
        listed.write_text(json.dumps(urls), encoding="utf-8")
        try:
            results = []
            for _ in ("first", "unchanged"):
                run = run_program([*command, listed, home, result, *last], result=result, log=home / "log")
                results.append(self._check_log(name, run, urls))
            return Pair(*results)
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def _check_log(self, name: str, run: Run, urls: Sequence[str]) -> Result:
        """Raises Problem unless every feed was asked for exactly once."""
        asked = self.server.read_log(len(urls))
        times: dict[str, int] = dict.fromkeys(urls, 0)
        for (_, url), count in asked.items():
            times[url] = times.get(url, 0) + count
        if wrong := {url: count for url, count in times.items() if count != 1}:
            url, count = next(iter(wrong.items()))
            raise Problem(f"{name} asked for {len(wrong)} feeds not once; for {url} {count} times")
        statuses = {status: sum(n for (s, _), n in asked.items() if s == status) for status, _ in asked}
        _expect(f"answers to {name} other than 200 and 304", set(statuses) - {200, 304}, set())
        return Result(run, statuses.get(200, 0), statuses.get(304, 0))


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Problem(f"{what}: expected {expected}, found {str(found)[:500]}")


def compare(bench: Bench, feeds: int, rounds: int, others: dict[str, Callable[[], Pair]]) -> None:
    """Measure in turns, so that what disturbs the machine disturbs everybody, and print the medians."""
    contenders = {"aggregator": partial(bench.visit_with_aggregator, feeds), **others}
    pairs: dict[str, list[Pair]] = {name: [] for name in contenders}
    for round_ in range(rounds):
        for name, visit in contenders.items():
            tell(f"round {round_ + 1} of {rounds}: {name}")
            pairs[name].append(visit())
    corpus = bench.corpus
    print(f"\n{feeds:,} feeds, {corpus.count_bytes(feeds) / 1e6:.0f} MB, {corpus.count_entries(feeds):,} entries")
    if rounds > 1:
        print(f"\nMedians of {rounds} rounds, with the least and the most.")
    columns = [
        "entries stored",
        "first visit",
        "unchanged visit",
        "a feed",
        "CPU first",
        "CPU unchanged",
        "memory first",
    ]
    print_table(
        ["", *columns, "sent whole again"], (_tell_contender(name, found, feeds) for name, found in pairs.items())
    )
    if len(pairs) > 1:
        _print_ratios(pairs)


def _tell_contender(name: str, pairs: Sequence[Pair], feeds: int) -> list[str]:
    unchanged = statistics.median(pair.unchanged.seconds for pair in pairs)
    last = pairs[-1]
    return [
        name,
        f"{last.unchanged.run.result['entries']:,}",
        _spread([pair.first.seconds for pair in pairs]),
        _spread([pair.unchanged.seconds for pair in pairs]),
        f"{unchanged / feeds * 1000:.2f} ms",
        f"{statistics.median(pair.first.cpu_seconds for pair in pairs):.1f} s",
        f"{statistics.median(pair.unchanged.cpu_seconds for pair in pairs):.2f} s",
        _tell_memory(last.first.run),
        f"{last.unchanged.sent_whole} of {feeds:,}",
    ]


def _print_ratios(pairs: dict[str, list[Pair]]) -> None:
    ours = pairs["aggregator"]
    for words, phase in (("First visit", "first"), ("Unchanged visit", "unchanged")):
        own = statistics.median(getattr(pair, phase).seconds for pair in ours)
        for name, found in pairs.items():
            if name != "aggregator":
                other = statistics.median(getattr(pair, phase).seconds for pair in found)
                print(f"{words}: {other / own:.2g} times as fast as {name}.")
    print("Reader refuses documents that are not well-formed, stores nothing of them and asks for them whole again.")
    print("sfeed asks for all documents whole again.")


def show_growth(bench: Bench, sizes: Sequence[int]) -> None:
    rows = []
    before: dict[int, Pair] = {}
    for feeds in sizes:
        tell(f"growth: {feeds:,} feeds")
        pair = before[feeds] = bench.visit_with_aggregator(feeds)
        tenth = before.get(feeds // 10)
        rows.append(
            [
                f"{feeds:,}",
                f"{bench.corpus.count_bytes(feeds) / 1e6:.1f}",
                f"{bench.corpus.count_entries(feeds):,}",
                f"{pair.first.seconds:.2f} s",
                f"{pair.unchanged.seconds:.2f} s",
                f"{pair.unchanged.seconds / feeds * 1000:.2f} ms",
                f"{pair.first.cpu_seconds:.1f} s",
                f"{pair.unchanged.cpu_seconds:.2f} s",
                _tell_memory(pair.first.run),
                _tell_memory(pair.unchanged.run),
                f"{_ratio(pair.first, tenth.first)}, {_ratio(pair.unchanged, tenth.unchanged)}" if tenth else "",
            ]
        )
    print(f"\nGrowth, documents of at most {GROWTH_LARGEST / 1000:.0f} kB")
    visits = ["first visit", "unchanged visit", "a feed", "CPU first", "CPU unchanged"]
    columns = ["feeds", "MB", "entries", *visits, "memory first", "memory unchanged", "times that of a tenth"]
    print_table(columns, iter(rows))


def _ratio(result: Result, other: Result) -> str:
    return f"{result.seconds / other.seconds:.1f}"


def _spread(seconds: Sequence[float]) -> str:
    middle = f"{statistics.median(seconds):.2f} s"
    return f"{middle} ({min(seconds):.2f} to {max(seconds):.2f})" if len(seconds) > 1 else middle


def _tell_memory(run: Run) -> str:
    together = f" ({run.peak_all_mb:.0f} with workers)" if run.peak_all_mb > run.peak_mb * 1.1 else ""
    return f"{run.peak_mb:.0f} MB{together}"


def print_table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    print(f"\n| {' | '.join(head)} |\n|{' --- |' + ' ---: |' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def tell(words: str) -> None:
    """What is going on, apart from the tables."""
    print(words, file=sys.stderr, flush=True)


def tell_corpus(corpus: Corpus) -> None:
    reasons: dict[str, list[str]] = {}
    for name, reason in corpus.left_out.items():
        reasons.setdefault(reason, []).append(name)
    broken = [document.name for document in corpus.documents if not document.is_well_formed]
    tell(f"{corpus.feeds:,} feeds from {len(corpus.documents)} documents")
    tell(f"among them not well-formed: {', '.join(broken) or 'none'}")
    for reason, names in reasons.items():
        tell(f"left out, {reason}: {', '.join(names)}")


def check_reader(python: Path) -> None:
    """Before anything is measured; raises Problem."""
    try:
        found = subprocess.run([python, "-c", "import reader"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Problem(f"{python} cannot be run: {error.strerror}") from error
    if found.returncode:
        raise Problem(f"{python} has no working reader: {found.stderr.strip().splitlines()[-1]}")


def run(arguments: argparse.Namespace) -> None:
    if arguments.reader_python:
        check_reader(arguments.reader_python)
    if arguments.sfeed and not shutil.which("sfeed_update"):
        raise Problem("sfeed_update was not found; install it (apt install sfeed)")
    tell(f"load of the machine before: {os.getloadavg()[0]:.1f} (figures of a busy machine are too high)")
    with tempfile.TemporaryDirectory(prefix="visits-") as temporary:
        folder = Path(temporary)
        kept = arguments.keep or folder
        tell("making the feeds")
        corpus = make_corpus(arguments.folder, kept / f"feeds-{arguments.feeds}", arguments.feeds)
        tell_corpus(corpus)
        with serve(corpus.folder, folder / "nginx") as server:
            bench = Bench(corpus, server, folder / "homes")
            compare(bench, arguments.feeds, arguments.rounds, list_others(bench, arguments))
        if arguments.growth:
            corpus = make_corpus(arguments.folder, kept / "growth", max(GROWTH), largest=GROWTH_LARGEST)
            tell_corpus(corpus)
            with serve(corpus.folder, folder / "nginx-growth") as server:
                show_growth(Bench(corpus, server, folder / "homes"), GROWTH)


def list_others(bench: Bench, arguments: argparse.Namespace) -> dict[str, Callable[[], Pair]]:
    others: dict[str, Callable[[], Pair]] = {}
    for count in arguments.reader_workers if arguments.reader_python else []:
        name = f"reader, {count} worker{'' if count == 1 else 's'}"
        others[name] = partial(bench.visit_with_reader, arguments.feeds, arguments.reader_python, count)
    if arguments.sfeed:
        others["sfeed"] = partial(bench.visit_with_sfeed, arguments.feeds)
    return others


def count_from(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=count_from, default=1000)
    parser.add_argument("--rounds", type=count_from, default=1)
    parser.add_argument("--folder", type=Path, default=RECORDED, help="recorded feed documents")
    parser.add_argument("--keep", type=Path, help="keep the made feeds here, and use them again")
    parser.add_argument("--reader-python", type=Path, help="the Python of an environment with lemon24/reader")
    parser.add_argument(
        "--reader-workers",
        type=lambda text: [count_from(count) for count in text.split(",")],
        default=[1],
        help="one or more numbers of workers to try, such as 1,4,8,16 (on two cores 1 is the fastest)",
    )
    parser.add_argument("--sfeed", action="store_true", help="also visit them with sfeed")
    parser.add_argument("--growth", action="store_true", help="also visit 100 to 10,000 smaller feeds")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        run(read_arguments())
    except Problem as problem:
        sys.exit(str(problem))
