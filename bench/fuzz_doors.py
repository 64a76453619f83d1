"""Gives each door that texts come in by damaged texts, and looks that they end in an answer or in an expected refusal.

   python bench/fuzz_doors.py [SECONDS_EACH] [SEED] [DOOR …]

The doors: dates, addresses, sanitiser, digest, search (words, and a real database), settings (feeds.toml), forms (a
real page). Feed documents have ``fuzz_parse.py``. Prints for each the number of texts, the slowest, and some texts that
raised something else; leaves with status 1 when there was one, or one took more than 2 s of processor time.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from aggregator.addresses.urls import canonicalise_url, clean_url, readable_url
from aggregator.app import App, open_app
from aggregator.config import SHIPPED_TEXTS, Config, Settings, load_config
from aggregator.dates.read import find_url_date, read_date
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import ConfigError, DigestError
from aggregator.pipeline import search
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.search import find_posts
from aggregator.text.html import plain_text, sanitise_html
from aggregator.text.terms import find_hits, list_terms, parse_query
from aggregator.text.titles import plain_title
from world import FEEDS, SAMPLES, fill, visit_page

ROOT = Path(__file__).parents[1]
SLOW = 2.0
LONGEST = 20_000

Try = Callable[[str], None]
PIECES = (
    *"<>&\"'`[](){}*_~#|\\/:;,.?!=+-%@$^ \n\t\r\0\x1b\ufffe\ud800\u202e\u200b\u0301가힣漢éß٣१🚀",
    *("&#x0;", "&amp;", "<script>", "</a>", "<!--", "]]>", "javascript:", "http://[", "//", "%00", "%zz", "xn--"),
    *("9" * 40, "-1", "1e999", "NaN", "0x10", "null", "true", "{}", "../", "' OR 1=1 --", '"""', "\n\n", "## 2.", "* [", "](", "AND", "NEAR("),
)  # fmt: skip
SEEDS = {
    "dates": ("Thu, 01 Dec 2022 10:00:00 +0900", "2022-12-01T10:00:00.000Z", "2022년 12월 1일", "Dec 1st, 2022 (KST)", "1669856400", "/2022/12/01/post"),
    "addresses": ("https://tech.haneul.example/posts/1?utm_source=rss#top", "//aws.amazon.com/ko/blogs/x/", "https://medium.com/@a/b-0123456789ab", "HTTP://USER:PW@EXAMPLE.com:80/%7Ea/../b;c?d=e&d", "https://하늘.example/실시간-추천"),
    "sanitiser": ('<p>안녕 <a href="https://a.example" onclick="x">글</a> &amp; <b>b<i>c</b></i><img src=x onerror=y></p>', "<pre><code>a &lt; b</code></pre><svg><style><a title='</style><img src=x>'>", "A &lt;b&gt; title &#8211; with “marks”"),
    "search": ("추천 시스템 -광고", '"feature store" gpt-3', "언어모델 c++ C#", "k8s fine-tuning"),
    "settings": ('[visits]\nper_host = 2\n\n[feeds.haneul]\nname = "하늘상점"\nurl = "https://tech.haneul.example/feed"\nkind = "company"\nweight = 0.5\ntags = ["ml"]\n', "[server]\nport = 8571\n[shortlist]\nsize = 30\n[shortlist.sections]\n\"2.4\" = 3\n"),
    "forms": ("2.4", "off topic", "*Title* of a **post**", "note\n  * nested ![i](https://a.example/i.png)", "2022-12", "0.5"),
}  # fmt: skip


def damage(chance: random.Random, seeds: tuple[str, ...]) -> str:
    """One of the seeds, changed in one to twelve places; what no UTF-8 can say is left to the readers of documents."""
    text = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        at, length = chance.randrange(len(text) + 1), chance.choice((0, 1, 1, 5, 40))
        piece = chance.choice((chance.choice(PIECES), chance.choice(seeds), chr(chance.randrange(0x11000))))
        text = text[:at] + piece * chance.choice((1, 1, 1, 3, 200)) + text[at + length :]
    return text[:LONGEST].encode("utf-8", "replace").decode()


@contextmanager
def open_world() -> Iterator[App]:
    with tempfile.TemporaryDirectory() as folder:
        # What the test client calls the page.
        settings = Settings.model_validate({"server": {"hosts": ["testserver"]}})
        config = Config(Path(folder), Path(folder) / "feeds.toml", settings, FEEDS)
        with open_app(config) as app:
            yield app


@contextmanager
def doors(name: str) -> Iterator[Try]:
    """What a text is given to; raises what no text may bring about."""
    if name == "dates":
        yield _try_date
    elif name == "addresses":
        yield _try_address
    elif name == "sanitiser":
        yield _try_markup
    elif name == "digest":
        yield _try_digest
    elif name == "settings":
        with tempfile.TemporaryDirectory() as folder:
            yield lambda text: _try_settings(Path(folder), text)
    elif name == "search":
        with open_world() as app:
            fill(app, SAMPLES)
            search.index_new(app.database)
            yield lambda text: _try_search(app, text)
    else:
        with open_world() as app:
            curator = visit_page(app, fill(app, SAMPLES)).log_in()
            chance = random.Random(0)
            yield lambda text: _try_form(curator, chance, text)


def _try_date(text: str) -> None:
    read_date(text)
    find_url_date(text)


def _try_address(text: str) -> None:
    cleaned = clean_url(text, "https://base.example/feed")
    if cleaned is not None:
        assert cleaned.startswith(("http://", "https://")), cleaned
        known = canonicalise_url(cleaned)
        assert canonicalise_url(known) == known, known
        readable_url(cleaned)


def _try_markup(text: str) -> None:
    clean = sanitise_html(text)
    assert "<script" not in clean.lower(), clean
    assert sanitise_html(clean) == clean, f"{clean!r} becomes {sanitise_html(clean)!r}"
    plain_text(clean)
    assert "\n" not in plain_title(text)


def _try_digest(text: str) -> None:
    try:
        read = read_digest(text, SHIPPED_TEXTS)
    except DigestError:
        return
    if not read.remarks:
        assert render_digest(read.digest) == text


def _try_settings(folder: Path, text: str) -> None:
    file = folder / "feeds.toml"
    file.write_text(text, encoding="utf-8")
    with suppress(ConfigError):
        load_config({}, home=folder, file=file)


def _try_search(app: App, text: str) -> None:
    query = parse_query(text)
    list_terms(text)
    list(find_hits(text, query))
    with app.reading() as connection:
        find_posts(connection, query, Narrowing(), limit=5)


def _try_form(curator, chance: random.Random, text: str) -> None:  # type: ignore[no-untyped-def]
    number = chance.choice(list(curator.numbers.values()))
    path, fields = chance.choice(
        (
            (f"/posts/{number}/approve", ("section", "title", "note", "organisation")),
            (f"/posts/{number}/reject", ("reason",)),
            (f"/posts/{number}/hold", ("note",)),
            ("/feeds/northwind", ("name", "weight", "tags", "site")),
            ("/weights", ("weights.depth", "size")),
            ("/undo", ("post",)),
        )
    )
    answer = curator.send(path, **dict.fromkeys(fields, text))
    assert answer.status_code < 500, f"{path}: {answer.status_code}"
    assert curator.client.get("/queue/2022-12?show=all").status_code == 200


def fuzz(name: str, seconds: float, seed: int) -> bool:
    chance, bad = random.Random(seed), 0
    seeds = SEEDS.get(name) or (_read_digest(),)
    counted, slowest = 0, (0.0, "")
    with doors(name) as door, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = damage(chance, seeds)
            start = time.process_time()
            try:
                door(text)
            except Exception as error:
                bad += 1
                if bad <= 5:
                    print(f"  {name}: {type(error).__name__}: {str(error)[:200]}: {text[:200]!r}")
            took = time.process_time() - start
            counted, slowest = counted + 1, max(slowest, (took, text[:60]))
    print(f"{name}: {counted:,} texts, {bad} unexpected; the slowest {slowest[0]:.2f} s: {slowest[1]!r}", flush=True)
    return bad > 0 or slowest[0] > SLOW


def _read_digest() -> str:
    file = ROOT.parent / "shared" / "digest" / "README-2023-01.md"
    return (
        file.read_text("utf-8")[:6000]
        if file.exists()
        else "# D\n\n## 2. B\n### 2.4. M\n* [T (Dec 2022, O)](https://a.example): n\n"
    )


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    names = sys.argv[3:] or [*SEEDS, "digest"]
    failed = [name for name in names if fuzz(name, seconds, seed)]
    sys.exit(bool(failed))
