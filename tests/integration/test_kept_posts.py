"""What is approved or printed keeps its title and address, whatever its feed says afterwards; on both databases."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.app import App
from aggregator.cli.feed_health import gather_reports
from aggregator.cli.feed_table import _list_details
from aggregator.digest.extent import Wanted
from aggregator.digest.read import ReadDigest
from aggregator.exceptions import ReviewError
from aggregator.pipeline import history, publish, review
from aggregator.pipeline.months import release_arrived
from aggregator.pipeline.publish import import_digest
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, judgements, pages, posts
from aggregator.storage.database import Database
from aggregator.storage.digests import save_digest
from aggregator.storage.updates import apply_updates
from aggregator.types import (
    Candidate,
    Correction,
    DateSource,
    Decision,
    Digest,
    DigestState,
    Line,
    Month,
    PageOutcome,
    PageReading,
    PostDraft,
    Texts,
    Verdict,
)
from world import FEED, FEEDS, NOW, fill, home_of, make_draft, make_update, store, text_of, visit_page

DRAFT = make_draft(1)
ELSEWHERE = "https://tech.haneul.example/better-slug"
SECTION = SHIPPED.parse_section("business/cv")
TEXTS = Texts(
    "# 제목\n\n", {part: str(part) for part in SHIPPED.parts}, {topic: str(topic) for topic in SHIPPED.topics}
)


def _get(database: Database, post_id: int = 1) -> Candidate:
    with database.reading() as connection:
        return candidates.get_candidate(connection, post_id)


def _decide(database: Database, decision: Decision, number: int = 1) -> None:
    with database.writing() as connection:
        judgements.append_verdict(connection, Verdict(number, decision, "mina", NOW))


def _print(database: Database, state: DigestState, month: Month, drafts: Sequence[PostDraft], ids: list[int]) -> None:
    lines = tuple(Line(SECTION, draft.title, draft.url, month, None, "") for draft in drafts)
    with database.writing() as connection:
        save_digest(connection, month, state, Digest(TEXTS, lines), ids, NOW)


def _store(database: Database, *drafts: PostDraft) -> None:
    """As the feed gives the entries now."""
    update = make_update(*drafts)
    entries = [
        replace(entry, key=draft.was_at or draft.canonical_url, fingerprint=f"f {draft.title} {draft.url} {draft.text}")
        for entry, draft in zip(update.entries, drafts, strict=True)
    ]
    store(database, replace(update, entries=tuple(entries)))


SITUATIONS = {
    "undecided": False,
    "approved": True,
    "held": False,
    "rejected": False,
    "printed": True,
    "read from a digest": True,
    "in a draft": False,
}
#: What the feed says otherwise then, and which of it is not taken over.
CHANGES: Sequence[tuple[Callable[[PostDraft], PostDraft], tuple[bool, bool]]] = (
    (lambda draft: replace(draft, title="다른 글", text="other"), (True, False)),
    (
        lambda d: replace(d, url=f"{d.url}/slug", canonical_url=f"{d.canonical_url}/slug", was_at=d.canonical_url),
        (False, True),
    ),
    (lambda draft: replace(draft, url=f"{draft.url}#part"), (False, True)),
    (lambda draft: replace(draft, url=draft.url.replace("https:", "http:")), (False, False)),
    (lambda draft: replace(draft, text="a longer text"), (False, False)),
)


def test_what_a_feed_changes_afterwards(database: Database) -> None:
    rows = [(situation, change, told) for situation in SITUATIONS for change, told in CHANGES]
    before = [make_draft(number) for number in range(1, len(rows) + 1)]
    _store(database, *before)
    for number, (situation, _, _) in enumerate(rows, 1):
        if situation in {"approved", "held", "rejected"}:
            decision = {"approved": "approve", "held": "hold", "rejected": "reject"}[situation]
            _decide(database, Decision(decision), number)
    for month, (situation, state) in enumerate(
        (("printed", DigestState.PRINTED), ("read from a digest", DigestState.READ), ("in a draft", DigestState.DRAFT)),
        1,
    ):
        ids = [number for number, row in enumerate(rows, 1) if row[0] == situation]
        _print(database, state, Month(2022, month), [before[number - 1] for number in ids], ids)
    now = [change(draft) for draft, (_, change, _) in zip(before, rows, strict=True)]
    _store(database, *now)
    for number, (situation, _, told) in enumerate(rows, 1):
        old, new, found = before[number - 1], now[number - 1], _get(database, number)
        is_kept = SITUATIONS[situation]
        stays = old if is_kept and any(told) else new
        expected = (stays.title, old.url if is_kept else new.url, stays.text, stays.canonical_url)
        post = found.post
        assert (post.title, post.url, post.text, post.canonical_url) == expected, (situation, told)
        withheld = found.withheld and (found.withheld.title, found.withheld.url)
        title, url = told
        assert withheld == (
            ((title and new.title) or None, (url and new.url) or None) if is_kept and any(told) else None
        )
    with database.reading() as connection:
        # No post of its own came of any of it.
        assert posts.count_candidates(connection) == {Month(2022, 12): len(rows)}
        listed = candidates.list_withheld(connection, FEED.key, limit=99)
        assert len(listed) == sum(SITUATIONS[situation] and any(told) for situation, _, told in rows)


def test_a_feed_that_goes_back_to_what_stands_is_told_no_more(database: Database) -> None:
    store(database, make_update(DRAFT))
    _decide(database, Decision.APPROVE)
    moved = replace(DRAFT, url=ELSEWHERE, canonical_url=ELSEWHERE, was_at=DRAFT.canonical_url)
    _store(database, moved)
    # It goes on to come with its new address.
    _store(database, replace(moved, title="다른 글", was_at=None))
    found = _get(database).withheld
    assert found is not None
    assert (found.title, found.url) == ("다른 글", ELSEWHERE)
    _store(database, replace(moved, was_at=None))
    found = _get(database).withheld
    assert found is not None
    assert (found.title, found.url) == (None, ELSEWHERE)
    _store(database, replace(DRAFT, was_at=ELSEWHERE))
    assert _get(database).withheld is None


def test_the_curator_dismisses_what_a_feed_changed_until_it_gives_something_else(make_app: Callable[..., App]) -> None:
    app = make_app()
    store(app.database, make_update(DRAFT))
    _decide(app.database, Decision.APPROVE)
    _store(app.database, replace(DRAFT, title="다른 글"))
    curator = visit_page(app, {}).log_in()
    assert "Keep what I have" in curator.read("/posts/1/pane")
    assert curator.send("/posts/1/keep", seen="").status_code == 303
    assert _get(app.database).withheld is None
    assert "Dismissed what the feed changed of" in text_of(curator.read("/history"))
    with app.reading() as connection:
        assert candidates.list_withheld(connection, FEED.key, limit=9) == []
    with pytest.raises(ReviewError, match="its feed has changed nothing"):
        review.keep_title_and_address(app, 1)

    history.undo(app)
    assert _get(app.database).withheld is not None
    history.redo(app)
    _store(app.database, replace(DRAFT, title="다른 글"))
    assert _get(app.database).withheld is None, "the feed still says the same"
    _store(app.database, replace(DRAFT, title="또 다른 글"))
    assert _get(app.database).withheld is not None


def test_an_approved_post_is_not_taken_over_by_another_feed(database: Database) -> None:
    planet = replace(FEED, key="planet", url="https://planet.example/feed", organisation=None)
    store(database, make_update(replace(DRAFT, feed_key="planet", organisation=None, at_home=False), feed=planet))
    _decide(database, Decision.APPROVE)
    store(database, make_update(replace(DRAFT, title="다른 제목")))
    assert (_get(database).post.feed_key, _get(database).post.title) == ("planet", DRAFT.title)


def test_the_page_of_an_approved_post_gives_it_no_other_address(database: Database) -> None:
    store(database, make_update(DRAFT))
    _decide(database, Decision.APPROVE)
    reading = PageReading(
        1, DRAFT.url, NOW, attempts=1, retry_at=None, outcome=PageOutcome.KEPT, named_url=ELSEWHERE, canonical_url=ELSEWHERE
    )  # fmt: skip
    with database.writing() as connection:
        assert pages.save_readings(connection, [reading]) == set()
    assert (_get(database).post.url, _get(database).post.canonical_url) == (DRAFT.url, DRAFT.canonical_url)
    # What comes with that address is about it.
    store(database, make_update(replace(DRAFT, url=ELSEWHERE, canonical_url=ELSEWHERE)))
    with database.reading() as connection:
        assert posts.count_candidates(connection) == {Month(2022, 12): 1}


def test_of_items_that_were_one_post_the_one_with_its_title_goes_on_with_it(database: Database) -> None:
    """As stored before items that share a page were posts of their own: the newest gave the post its title."""
    page = DRAFT.canonical_url
    september, october = replace(DRAFT, title="September"), replace(DRAFT, title="October")
    both = make_update(september, october)
    entries = [replace(e, key=f"tag:{n}") for n, e in enumerate(both.entries)]
    store(database, replace(both, entries=tuple(entries), posts=(october,)))
    drafts = [replace(one, canonical_url=f"{page}#{one.title}", was_at=page) for one in (september, october)]
    moved = [replace(e, canonical_url=d.canonical_url) for e, d in zip(entries, drafts, strict=True)]
    store(database, replace(both, entries=tuple(moved), posts=tuple(drafts)))
    with database.reading() as connection:
        found = {
            c.post.canonical_url: (c.post.id, c.post.title)
            for c in candidates.list_candidates(connection, Month(2022, 12))
        }
        assert found.pop(f"{page}#October") == (1, "October")
        assert [title for _, title in found.values()] == ["September"]
        assert posts.find_post_id(connection, f"{DRAFT.url}#October") == 1
        assert posts.find_post_id(connection, DRAFT.url) is None


def test_it_is_shown_where_the_curator_looks(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, fill(app)).log_in()
    curator.decide("실시간-추천", "approve", section="2.3")
    approved = curator.get("실시간-추천").post
    draft = PostDraft(**{name: getattr(approved, name, None) for name in PostDraft.__slots__})
    with app.database.writing() as connection:
        apply_updates(connection, [make_update(replace(draft, title="<b>다른</b> 글"))])
    assert curator.get("실시간-추천").post.title == approved.title
    pane = html.unescape(text_of(curator.read_post("실시간-추천")))
    assert "Its feed now calls it “<b>다른</b> 글”; the title here stays" in pane
    assert f"{approved.title} now “<b>다른</b> 글”" in html.unescape(text_of(curator.read(f"/feeds/{FEED.key}")))
    (report,) = gather_reports(app, [FEED.key])
    assert [one.title for _, one in report.withheld] == ["<b>다른</b> 글"]
    assert any(
        "keeps “장바구니" in said
        for _, said in _list_details(report, NOW, ZoneInfo("Asia/Seoul"), trial=timedelta(), origin=None)
    )


def test_posts_that_share_a_link_are_printed_and_read_each_for_itself(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    page = "https://tech.haneul.example/notes"
    drafts = [make_draft(n, title=f"1.{n}", url=page, canonical_url=f"{page}#~{n}") for n in (1, 2)]
    drafts += [make_draft(n, title=f"2.{n}", url=f"{page}#v2.{n}", canonical_url=f"{page}#v2.{n}") for n in (3, 4)]
    store(app.database, make_update(*drafts))
    for number in range(1, 5):
        review.decide(app, number, Decision.APPROVE, correction=Correction(number, "mina", NOW, section=SECTION))
    publish.make_digest(app, Month(2022, 12), DigestState.PRINTED)
    for number in range(1, 5):
        assert _get(app.database, number).printed_in == Month(2022, 12)
    lines = tuple(Line(SECTION, f"2.{n}, as printed", f"{page}#v2.{n}", None, None, "") for n in (3, 4))
    read = ReadDigest(Digest(TEXTS, lines), (1, 2))
    import_digest(app, read, Wanted(Month(2022, 11)))
    titles = [found.correction and found.correction.title for found in (_get(app.database, n) for n in (3, 4))]
    assert titles == ["2.3, as printed", "2.4, as printed"]


def test_a_post_without_a_date_that_was_found_under_a_clock_that_was_ahead_is_found_now(database: Database) -> None:
    then = NOW + timedelta(days=1461)
    undated = make_draft(1, published_at=then, first_seen_at=then, month=Month(2026, 12), published_from=DateSource.FIRST_SEEN)  # fmt: skip
    store(database, make_update(undated))
    assert release_arrived(home_of(database)) == {Month(2022, 12), Month(2026, 12)}
    assert (_get(database).post.month, _get(database).post.published_at) == (Month(2022, 12), NOW)
    assert release_arrived(home_of(database)) == set()
