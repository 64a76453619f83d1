"""Damages feed documents in every way and looks what becomes of them: data, or a ParseError, and that soon.

   python bench/fuzz_parse.py [SECONDS] [SEED]
   python bench/fuzz_parse.py show SEED NUMBER > document

The documents are the recorded ones and those of tests/data/feeds. Prints counts, the slowest documents, and every one
that raised something else, took longer than 2 s of processor time, or did not come to an end; each can be had again by
seed and number. Leaves with status 1 when there was one that raised something else or did not end.
"""

from __future__ import annotations

import heapq
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from aggregator.exceptions import ParseError
from aggregator.feeds.parse import parse_document
from aggregator.types import ParsedFeed

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT.parent / "shared" / "feeds", ROOT / "tests" / "data" / "feeds")
URL = "https://feeds.example/blog/feed.xml"
SLOW = 2.0
PATIENCE = 90.0
LONGEST = 3_000_000
TYPES = (
    *(None, None, "text/xml", "application/json", "application/rss+xml; charset=utf-8", "text/xml; charset=euc-kr"),
    *("text/html; charset=iso-8859-1", "application/xml; charset=utf-16", "text/xml; charset=\x00x"),
)
TOKENS = (
    *(b"<item>", b"</item>", b"<entry>", b"</entry>", b"<title>", b"</title>", b"<source>", b"<author>", b"<name>"),
    *(b"<rss>", b"</channel>", b"<image>", b"<content:encoded>", b"<div>", b"<svg>", b'<link href="//["/>', b"</"),
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ", b"?>", b"<", b">", b'"', b"'", b"&", b"<a b=", b"{", b"]"),
    *(b"&amp;", b"&nbsp;", b"&#0;", b"&#150;", b"&#xD800;", b"&undefined;", b"&#99999999999;", b"\\ud800"),
    *(b"\x00", b"\xff", b"\xef\xbf\xbf", b"\xc2\x93", b'"items": [', b'<x xmlns="urn:x">'),
    *(b' xml:base="x/"', b' xml:base="http://["', b' type="xhtml"', b' type="base64/x"', b' mode="base64"'),
    *(b'<!DOCTYPE x [<!ENTITY a "b">]>', b"<!ENTITY x SYSTEM 'file:///x'>"),
)
CHARSETS = (
    *("utf-8", "utf-16", "utf-16-be", "utf-32", "euc-kr", "cp1252", "iso-8859-1", "gb18030", "shift_jis"),
    "iso-2022-kr",
)

Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]


def flip_bits(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    damaged = bytearray(body)
    for _ in range(choose.choice((1, 1, 3, 20, 300))):
        damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
    return bytes(damaged)


def _choose_slice(choose: random.Random, body: bytes, longest: int = 1 << 16) -> tuple[int, int]:
    start = choose.randrange(len(body))
    return start, min(len(body), start + choose.randrange(1, max(2, choose.choice((8, 100, 3000, longest)))))


def delete(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    start, end = _choose_slice(choose, body)
    return body[:start] + body[end:]


def duplicate(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    start, end = _choose_slice(choose, body, 2000)
    return body[:end] + body[start:end] * choose.choice((1, 1, 5, 200)) + body[end:]


def splice(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    other = choose.choice(others)
    start, end = _choose_slice(choose, other)
    at = choose.randrange(len(body))
    return body[:at] + other[start:end] + body[at:]


def cross(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    other = choose.choice(others)
    return body[: choose.randrange(len(body))] + other[choose.randrange(len(other)) :]


def truncate(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    return body[: choose.randrange(len(body))]


def insert_tokens(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    for _ in range(choose.choice((1, 1, 2, 5, 50))):
        at = choose.randrange(len(body) + 1)
        body = body[:at] + choose.choice(TOKENS) * choose.choice((1, 1, 1, 2, 30)) + body[at:]
    return body


def recode(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    return body.decode(choose.choice(("utf-8", "cp1252")), "replace").encode(choose.choice(CHARSETS), "replace")


def declare(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    return body.replace(b"utf-8", choose.choice(CHARSETS).encode(), 1).replace(b"UTF-8", b"x-unknown", 1)


def nest(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    at, depth = choose.randrange(len(body)), choose.choice((50, 1000, 20_000))
    opening = choose.choice(
        (b"<a>", b"<div>", b"<item>", b"<author>", b"<media:group>", b"<a ", b"<![CDATA[", b"<!--", b"[", b"{")
    )
    return body[:at] + opening * depth + body[at:] + choose.choice((b"", b"</a>" * depth))


def lengthen(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    """A monstrous text, attribute, name, or run of blanks."""
    at = choose.randrange(len(body))
    piece = choose.choice(
        (
            b"a",
            b"a.",
            b" ",
            b"\n",
            b"&amp;",
            b"&lt;p&gt;",
            b"x@",
            b"1,",
            b"a=",
            b'a="b" ',
            b"href=",
            b"\xea\xb0\x80",
            b"&",
            b"-",
            b"</",
        )
    )
    around = choose.choice(
        (
            b"%s",
            b'<link href="%s"/>',
            b"<category>%s</category>",
            b"<author>%s</author>",
            b"<%s>",
            b"<x %s>",
            b"<pubDate>%s</pubDate>",
        )
    )
    return body[:at] + around.replace(b"%s", piece * choose.choice((100, 5000, 100_000))) + body[at:]


def repeat_elements(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    at, count = choose.randrange(len(body)), choose.choice((10, 300, 10_000))
    element = choose.choice(
        (
            b"<category>%d</category>",
            b"<link href='%d'/>",
            b"<author>%d</author>",
            b"<item/>",
            b"<title>%d</title>",
            b"<n%d/>",
        )
    )
    return body[:at] + b"".join(element.replace(b"%d", str(n).encode()) for n in range(count)) + body[at:]


def invent(choose: random.Random, body: bytes, others: list[bytes]) -> bytes:
    """Nothing but tokens and noise."""
    return b"<rss>" + b"".join(choose.choice((*TOKENS, choose.randbytes(5))) for _ in range(choose.randrange(1, 400)))


MUTATIONS: tuple[Mutation, ...] = (
    *(flip_bits, delete, duplicate, splice, cross, truncate, insert_tokens, insert_tokens, recode, declare, nest),
    *(lengthen, repeat_elements, invent),
)


def make_document(seed: str, number: int, bodies: list[bytes]) -> tuple[bytes, str | None, bool]:
    """Body, media type, and whether it is said to be cut."""
    choose = random.Random(f"{seed}/{number}")
    body = choose.choice(bodies)
    for _ in range(choose.choice((1, 1, 2, 3))):
        if body:
            body = choose.choice(MUTATIONS)(choose, body, bodies)[:LONGEST]
    return body, choose.choice(TYPES), choose.random() < 0.3


def try_document(seed: str, number: int, bodies: list[bytes]) -> tuple[str, float]:
    body, content_type, is_cut = make_document(seed, number, bodies)
    start = time.process_time()
    try:
        parsed = parse_document(body, URL, content_type, max_entries=2000, is_cut=is_cut)
        outcome = "read" if isinstance(parsed, ParsedFeed) and not parsed.warning else "read with a warning"
        check_texts(parsed)
    except ParseError:
        outcome = "refused"
    except Exception as error:
        outcome = f"RAISED {type(error).__name__}: {error}"[:300]
    return outcome, time.process_time() - start


def check_texts(parsed: ParsedFeed) -> None:
    """No text may hold what a database or a page refuses."""
    for entry in parsed.entries:
        for text in (entry.id, entry.url, entry.title, entry.summary, entry.content, entry.author, *entry.tags):
            if text is not None and (not isinstance(text, str) or "\x00" in text or text.encode("utf-8") is None):
                raise AssertionError(f"a text that cannot be stored: {text!r:.80}")


def work(seed: str, first: int, pipe: Connection, bodies: list[bytes]) -> None:
    number = first
    while True:
        pipe.send((number, None))
        pipe.send((number, try_document(seed, number, bodies)))
        number += 1


def fuzz(seconds: float, seed: str, bodies: list[bytes]) -> int:
    outcomes: Counter[str] = Counter()
    slowest: list[tuple[float, int, str]] = []
    number, end, bad, cpu = 0, time.monotonic() + seconds, 0, 0.0
    while time.monotonic() < end:
        pipe, other = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.Process(target=work, args=(seed, number, other, bodies), daemon=True)
        process.start()
        while time.monotonic() < end:
            if not pipe.poll(PATIENCE):
                bad += 1
                print(f"NO END of number {number} within {PATIENCE:g} s", flush=True)
                break
            number, result = pipe.recv()
            if result is None:
                continue
            outcome, took = result
            cpu += took
            if outcome.startswith("RAISED"):
                bad += 1
                print(f"number {number}: {outcome}", flush=True)
            elif took > SLOW:
                print(f"number {number}: {took:.1f} s, {outcome}", flush=True)
            outcomes[outcome.partition(" Error")[0].partition(":")[0]] += 1
            heapq.heappush(slowest, (took, number, outcome))
            if len(slowest) > 5:
                heapq.heappop(slowest)
        process.kill()
        process.join()
        number += 1
    total = sum(outcomes.values())
    each = cpu / max(total, 1) * 1000
    print(f"seed {seed}: {total} documents in {seconds:g} s ({each:.1f} ms each), made from {len(bodies)}")
    for outcome, count in outcomes.most_common():
        print(f"  {count:8} {outcome}")
    for took, number, outcome in sorted(slowest, reverse=True):
        print(
            f"  {took:7.2f} s  number {number}, {len(make_document(seed, number, bodies)[0]) / 1e6:.2f} MB, {outcome}"
        )
    return bad


def main() -> None:
    bodies = [
        file.read_bytes()
        for folder in FOLDERS
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if file.suffix != ".csv"
    ]
    if sys.argv[1:2] == ["show"]:
        sys.stdout.buffer.write(make_document(sys.argv[2], int(sys.argv[3]), bodies)[0])
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    sys.exit(1 if fuzz(seconds, sys.argv[2] if len(sys.argv) > 2 else "1", bodies) else 0)


if __name__ == "__main__":
    main()
