"""What the pages are looked at with: databases that are filled once, of which each test gets a copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from aggregator.app import App
from aggregator.classify.learning import Lesson, measure_guesses
from aggregator.classify.taught import measure_taught
from aggregator.pipeline import (
    follow,
    invitations,
    metrics,
    own_list,
    publish,
    remarks,
    review,
    rules,
    search,
    suggesting,
    weights,
)
from aggregator.pipeline.duplicates import settle_clusters
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, deliveries, duplicates, models, notices, readers, roundups, tables
from aggregator.storage.links import save_check
from aggregator.storage.talk import save_signals
from aggregator.types import (
    Acceptance,
    Act,
    Decision,
    Delivery,
    DeliveryKind,
    DigestState,
    Feed,
    FeedUpdate,
    FittedModel,
    Gap,
    InvitationKind,
    Issue,
    Kind,
    LinkCheck,
    Linked,
    LinkState,
    Month,
    Move,
    Notice,
    NoticeKind,
    Outcome,
    Pair,
    Reason,
    Rule,
    RuleState,
    Sameness,
    Signal,
    Trait,
    Trial,
    Visit,
)
from world import (
    FEEDS,
    MONTH,
    NOW,
    SAMPLES,
    Sample,
    failed,
    fill,
    import_page,
    make_draft,
    make_guess,
    make_post,
    make_update,
    save_states,
    save_updates,
    silent,
    visited,
)
from world.nouns import ANSWER


@dataclass(frozen=True, eq=False)
class World:
    """An App as somebody finds it."""

    #: Fills it; returns post numbers by path.
    fill: Callable[[App], dict[str, int]] = fill
    feeds: Sequence[Feed] = FEEDS
    now: datetime = NOW
    shortlist: Mapping[str, Any] = field(default_factory=dict)


#: The invented month, with nothing decided.
MONTH_BEGUN = World()


SHORTLIST = [sample.path for sample in SAMPLES if sample.shortlisted and sample.month == MONTH]


#: The curator's page, with a double slash in an address.
KEPT_PAGE = """\
# Posts

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [Shipping Models (Sep 2022, Other)](https://other.example//shipping)
"""


GONE_LINE = "https://other.example/gone"


def _lose_a_line(app: App) -> dict[str, int]:
    numbers = fill(app)
    page = KEPT_PAGE.replace("https://other.example//shipping", GONE_LINE)
    (app.folder / "README.md").write_bytes(page.encode())
    import_page(app, page, Month(2022, 9))
    with app.database.writing() as connection:
        save_check(connection, LinkCheck(GONE_LINE, NOW, LinkState.MISSING, NOW, 404))
    return numbers


def _decide_some(app: App) -> dict[str, int]:
    numbers = fill(app)
    (app.folder / "README.md").write_bytes(KEPT_PAGE.encode())
    first, second, third, *_ = SHORTLIST
    review.decide(app, numbers[first], Decision.APPROVE)
    review.star(app, numbers[first])
    review.decide(app, numbers[second], Decision.HOLD)
    review.decide(app, numbers[third], Decision.REJECT, reason="shallow")
    with app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE posts SET waits_for = 'its day' WHERE id = ?", (numbers["hiring"],))
        told = Notice(NoticeKind.MODEL, "sections-2", "새 모델을 쓰지 않습니다.", NOW, ("CHAT", "MAIL"), 3, NOW)
        notices.add_notices(connection, [told])
    return numbers


#: A printed line leads to no page any more.
LINE_LOST = World(_lose_a_line)
#: One post is approved and starred, one held, one rejected, and one waits for its day. A notice has not arrived yet.
MONTH_DECIDED = World(_decide_some)


def _let_readers_in(app: App) -> dict[str, int]:
    numbers = _decide_some(app)
    with app.reading() as connection:
        (known, *_) = candidates.list_approved(connection, MONTH)
    key = app.login_key
    form = invitations.invite(app, key, InvitationKind.SUGGEST, name="README")
    draft = invitations.invite(app, key, InvitationKind.DRAFT, name="for Jun", month=MONTH)
    said = {"why": "It has figures of a whole year.", "contact": "kim@mail.example"}
    for url in (known.post.url, "https://blog.example/not-read-yet"):
        suggesting.suggest(app, form, {"url": url, **said})
    with app.database.writing() as connection:
        readers.note_look(connection, 1, post_id=known.post.id, retry_at=None, trouble=None)
    (section, *_) = remarks.find_draft(app, draft).sections
    about = f"text-{section.lines[0].anchor}"
    remarks.add_remarks(app, draft, {"name": "Jun", about: "Is the month right?", "text": "Short and good."})
    return numbers


#: Readers have suggested two posts, one of which was chosen, and a colleague has remarked on the draft.
READERS = World(_let_readers_in)


def _print_and_decide(app: App) -> dict[str, int]:
    numbers = _decide_some(app)
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    review.decide(app, numbers[SHORTLIST[1]], Decision.APPROVE)
    return numbers


#: A printed month in which something was decided since.
PRINTED_BEFORE = World(_print_and_decide)


# --- feeds ---

OLD = "https://old.lumen.example/feed"
LUMEN = next(feed for feed in FEEDS if feed.key == "lumen")
GONE = Feed("closed", "The Closed Notebook", "https://closed.example/atom.xml", Kind.INDIVIDUAL, "en")
REFUSED = Feed("mulgyeol", "물결페이 기술 블로그", "https://tech.mulgyeol.example/rss", Kind.COMPANY, "ko")
SILENT = Feed("sparrow", "Sparrow Letters", "https://sparrow.example/feed", Kind.INDIVIDUAL, "en")
LIVE = Feed("live", "Live Wire", "https://live.example/feed", Kind.INDIVIDUAL, "en")
CHALLENGE = '<!doctype html>\n<html><head><title>Just a moment…</title>\n<script src="/challenge.js"></script>'


def _trouble_feeds(app: App) -> dict[str, int]:
    numbers = fill(app)
    reason = "the answer is an HTML page (Just a moment…), not a feed"
    save_states(
        app,
        [
            failed(REFUSED, reason, 5, status=200, excerpt=CHALLENGE),
            failed(GONE, "the document is gone for good (HTTP 410)", status=410),
            silent(SILENT),
        ],
    )
    trial = Trial("https://lumen.example/research/rss.xml", NOW - timedelta(days=1), 2)
    move = Move(
        "lumen",
        NOW - timedelta(days=40),
        OLD,
        LUMEN.url,
        "the old address has redirected there for 3 days, and the same entries are there",
        "aggregator",
    )
    gap = Gap("lumen", NOW - timedelta(days=22), NOW - timedelta(days=28))
    state = replace(visited(LUMEN), trial=trial, newest_at=NOW - timedelta(days=1), habit=timedelta(days=6))
    visit = Visit("lumen", NOW - timedelta(hours=1), 0.4, Outcome.RETRIEVED, 200, None, 48_211, 10, 2)
    save_updates(app, [FeedUpdate(visit, state, gap=gap, move=move)])
    return numbers


#: Feeds in every state. A test gives *live* the address of a real server.
TROUBLED_FEEDS = World(_trouble_feeds, (*FEEDS, GONE, REFUSED, SILENT, LIVE))


def _edit_feeds(app: App) -> dict[str, int]:
    numbers = _trouble_feeds(app)
    follow.pause_feed(app, "mina")
    follow.change_feed(app, "northwind", {"weight": "0.5"})
    return numbers


#: The same, one of them paused and one edited.
EDITED_FEEDS = replace(TROUBLED_FEEDS, fill=_edit_feeds)


# --- long words ---

_WORD = "Antidisestablishmentarianism_" * 12


def _stretch(app: App) -> dict[str, int]:
    """A post and a feed, every text of which is one long word."""
    long = replace(SAMPLES[0], title=_WORD, path=_WORD, text=_WORD, organisation=_WORD, month=Month(2022, 10))
    numbers = fill(app, [replace(long, reasons=(Reason("open code", 0.6, f"links {_WORD}"),))])
    feed = replace(FEEDS[0], name=_WORD, url=f"https://long.example/{_WORD}", site=f"https://long.example/{_WORD}")
    follow.change_feed(app, "northwind", {"name": feed.name, "url": feed.url, "site": feed.site, "tags": [_WORD]})
    save_states(app, [failed(feed, _WORD * 3, excerpt=_WORD * 3)])
    return numbers


LONG_WORDS = World(_stretch)


# --- copies ---

REASONS = (Reason("text", 0.8, "81% of the text"), Reason("title", -0.2, "12% of the words"))


def _find_copies(app: App) -> dict[str, int]:
    numbers = fill(app)
    with app.database.writing() as connection:
        for one, other, said in (
            ("실시간-추천", "eta-transformer", Sameness.SAME),
            ("feature-stores", "continuous-batching", Sameness.MAYBE),
        ):
            first, second = sorted((numbers[one], numbers[other]))
            duplicates.append_pairs(
                connection, [Pair(first, second, said, "recipe 1", NOW, score=1.2, reasons=REASONS)]
            )
        settle_clusters(connection, list(numbers.values()))
    return numbers


#: Two posts are the same, and two may be.
COPIES = World(_find_copies)


# --- search ---


def _index(app: App) -> dict[str, int]:
    numbers = fill(app)
    search.index_new(app.database)
    review.decide(app, numbers["hiring"], Decision.REJECT, reason="job offer")
    return numbers


#: All posts can be searched, and one is rejected.
INDEXED = World(_index)


# --- series ---

_SECTION = SHIPPED.parse_section("2.3")
_LONG = "장바구니-추천을-실시간으로-바꾸며-배운-것들-그리고-아주-긴-주소가-화면을-넘지-않는지-보는-글"
_PARTS = (
    Sample("장바구니 추천 구축기 1편", "haneul", f"{_LONG}-1", 1, "ko", section=_SECTION, month=Month(2022, 11)),
    Sample("장바구니 추천 구축기 2편: 재정렬", "haneul", f"{_LONG}-2", 2, "ko", section=_SECTION),
    Sample("장바구니 추천 구축기 4편: 실험", "haneul", "넷째", 20, "ko", section=_SECTION, shortlisted=True,
           reasons=(Reason("topic fit", 0.9, "RecSys 94%"),)),
    Sample("Deep Shards, Part 1", "northwind", "deep-1", 2, section=_SECTION),
    Sample("Deep Shards, Part 2: The Router", "northwind", "deep-2", 9, section=_SECTION, shortlisted=True,
           reasons=(Reason("topic fit", 0.8, "RecSys 84%"),)),
)  # fmt: skip
FIRST_PART = f"https://haneul.example/{_LONG}-1"
NOTE = f"[1편]({FIRST_PART})과 [2편](https://haneul.example/{_LONG}-2)도 읽어보세요."

#: Two series of posts; the third part of one was not seen.
SERIES = World(lambda app: fill(app, _PARTS))


# --- models ---


def _learn(app: App) -> dict[str, int]:
    numbers = fill(app, [replace(sample, section=None) for sample in SAMPLES])
    app.judge.judge_new()
    review.decide(app, numbers["eta-transformer"], Decision.APPROVE)
    search.index_new(app.database)
    _add_model(app)
    return numbers


def _add_model(app: App) -> None:
    """A version that was compared, with figures of every axis."""
    lessons = [Lesson(make_post(n), SHIPPED.sections[n % 12], "decision", NOW) for n in range(40)]
    guesses = [make_guess(n, lesson.section.part, lesson.section.topic, sure=0.6) for n, lesson in enumerate(lessons)]
    figures = {axis: asdict(one) for axis, one in measure_guesses(lessons, guesses).items()}
    taught = {"taught": [asdict(one) for one in measure_taught(lessons, guesses, guesses)], "undecided": 8, "moved": 3}
    shipped = app.learner.shipped
    model = FittedModel(
        "sections-0123456789", NOW, NOW, shipped.recipe, shipped.version, {"written": 2000, "decision": 40},
        Acceptance.TAKEN, "Not worse than the model in use.",
        {"held_out": 40, "new": figures, "in_use": figures, **taught},
    )  # fmt: skip
    replace(app.learner.get(), version=model.version).save(app.config.home / "models" / f"{model.version}.npz")
    with app.database.writing() as connection:
        models.save_model(connection, model, [])


#: Posts guessed by the shipped model, and a second version of it.
TWO_MODELS = World(_learn)


# --- weights ---


def _measure(app: App) -> dict[str, int]:
    numbers = fill(app)
    review.decide(app, numbers["색인-없이"], Decision.APPROVE)
    review.star(app, numbers["색인-없이"])
    publish.make_digest(app, Month(2022, 11), DigestState.PRINTED)
    review.decide(app, numbers["hiring"], Decision.REJECT, reason="job offer")
    app.judge.rank([MONTH])
    metrics.measure_closed(app)
    own_list.keep_answer(app, ANSWER)
    failure = "it ended with exit code 128: fatal: could not read from remote repository"
    pushed = Delivery(Month(2022, 11), DeliveryKind.COMMAND, "{}", app.now, tries=1, tried_at=app.now, failure=failure)
    with app.database.writing() as connection:
        deliveries.add_deliveries(connection, [pushed])
    return numbers


#: The first days of January, with November printed and measured; what follows the print failed.
MEASURED = World(
    _measure, now=datetime(2023, 1, 1, 12, tzinfo=UTC), shortlist={"size": 4, "sample": 2, "per_source": 1}
)


# --- what became of it ---

_PRINTED_AT = datetime(2023, 1, 7, 3, tzinfo=UTC)
# Posts that the ranking put low, because they read like announcements.
_QUIET = tuple(
    replace(SAMPLES[5], title=f"Shipping Small Models, Note {n}", path=f"quiet-{n}", day=n,
            reasons=(Reason("topic fit", 0.7, "MLOps 78%"), Reason("announcement", -1.0, "the title says new")))
    for n in (1, 2, 3, 4)
)  # fmt: skip


# And those that nobody took up.
_PLAIN = tuple(
    replace(_QUIET[0], title=f"Plain {n}", path=f"plain-{n}", reasons=(Reason("topic fit", 0.7, "MLOps 78%"),))
    for n in range(9)
)


def _become(app: App) -> dict[str, int]:
    """A printed month, and what came in the ninety days after it, before it, and from the publishers themselves."""
    numbers = fill(app, [*SAMPLES, *_QUIET, *_PLAIN])
    review.decide(app, numbers["continuous-batching"], Decision.APPROVE)
    review.decide(app, numbers["실시간-추천"], Decision.APPROVE)
    review.decide(app, numbers["tensor-parallelism"], Decision.REJECT, reason="shallow")
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    with app.database.writing() as connection:
        connection.execute(tables.digests.update().values(made_at=_PRINTED_AT))
        addresses = {
            name: connection.execute(sa.select(tables.posts.c.canonical_url).where(tables.posts.c.id == number)).scalar_one()
            for name, number in numbers.items()
        }  # fmt: skip
        talk = [
            Signal(addresses["이미지-중복"], "talk:hackernews", "points", 412, _after(30), url="https://news.ycombinator.com/item?id=1"),
            # Heard before the print: nobody knows what of it came since.
            Signal(addresses["injections"], "talk:hackernews", "points", 300, _after(-2)),
        ]  # fmt: skip
        save_signals(connection, talk)
        save_signals(connection, [replace(talk[1], value=900, observed_at=_after(20))])
        linked = [Linked(addresses["feature-stores"], "Feature stores", addresses["feature-stores"])]
        issue = Issue("weekly", "i1", "Weekly 12", "The Invented Weekly 12", _after(12), "https://weekly.example/12")
        roundups.save_issues(connection, [replace(issue, linked=tuple(linked))])
        save_check(
            connection, LinkCheck(addresses["continuous-batching"], _after(80), LinkState.MISSING, _after(60), 404)
        )
    quiet = [addresses[one.path] for one in _QUIET]
    shallow = addresses["tensor-parallelism"]
    save_updates(
        app,
        [
            _link(FEEDS[3], 1, "Serving, a Survey", _after(20), shallow, *quiet),
            _link(FEEDS[5], 2, "What I Read in March", _after(60), shallow, addresses["실시간-추천"]),
            # Of the same publisher, and too late.
            _link(FEEDS[4], 3, "Our Own Best Posts", _after(25), shallow),
            _link(FEEDS[3], 4, "Much Later", _after(95), shallow, addresses["eta-transformer"]),
        ],
    )
    return numbers


def _after(days: int) -> datetime:
    return _PRINTED_AT + timedelta(days=days)


def _link(feed: Feed, number: int, title: str, at: datetime, *links: str) -> FeedUpdate:
    url = f"https://{feed.key}.example/later-{number}"
    draft = make_draft(
        number, canonical_url=url, url=url, title=title, text=title, links=links, language="en", published_at=at,
        month=Month(at.year, at.month), first_seen_at=at, feed_key=feed.key, organisation=feed.organisation,
    )  # fmt: skip
    return make_update(draft, feed=feed)


#: The December digest, more than ninety days after its print.
AFTERMATH = World(_become, now=datetime(2023, 4, 20, 12, tzinfo=UTC))


# --- rules ---


def _make_rules(app: App) -> dict[str, int]:
    numbers = _decide_some(app)
    weights.set_overrides(app, {"weights.depth": 2})
    follow.pause_feed(app, "mina")
    for rule in (
        Rule(Trait.WORDS, "hiring 채용", Act.MUTE),
        Rule(Trait.PATTERN, "(?:feature|중복)" + "x?" * 80, Act.MUTE),
        Rule(Trait.ADDRESS, "lumen.example", Act.SECTION, section=SHIPPED.parse_section("2.4"), feed="lumen"),
        Rule(Trait.AUTHOR, "Mina Halloran", Act.POINTS, points=-1.5),
        Rule(Trait.CATEGORY, "행사", Act.SHOW),
    ):
        rules.save_rule(app, rule)
    rules.turn_rule(app, 4, RuleState.OFF)
    rules.turn_rule(app, 5, RuleState.REMOVED)
    app.judge.rank([MONTH])
    return numbers


#: Rules of every kind, one of them off and one removed, in a month that some is decided of.
RULED = World(_make_rules)
