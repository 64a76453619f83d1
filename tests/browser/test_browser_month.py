"""A month reviewed and edited as a whole: by keys, by mouse, by touch, without scripts; and what each deed costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, expect

from aggregator.review.verdicts import list_reasons
from aggregator.shipped import SHIPPED
from web_browser import PHONE, Enter
from world import FEEDS, Curator, fill, make_many
from world.worlds import World

pytestmark = pytest.mark.browser

ROUND, MONTH = 5, 40
FEED_OF = [FEEDS[0].key, FEEDS[0].key, FEEDS[1].key, FEEDS[1].key, FEEDS[1].key]
SAMPLES = [
    replace(sample, shortlisted=True, feed=FEED_OF[place % ROUND]) for place, sample in enumerate(make_many(MONTH))
]
POSTS = [sample.path for sample in SAMPLES]
WORLD = World(lambda app: fill(app, SAMPLES))
DOCUMENT = Path(__file__).parents[2] / "docs" / "figures.md"


class Hand:
    """Somebody at the page who counts keys, clicks or taps. A chord is one; what is typed into a field, and the choice
    of the old text there, is none.
    """

    def __init__(self, page: Page, curator: Curator) -> None:
        self.page = page
        self.count = 0
        #: What each deed has cost.
        self.costs: dict[str, int] = {}
        self._curator = curator

    @contextmanager
    def doing(self, deed: str) -> Iterator[None]:
        before = self.count
        yield
        self.costs[deed] = self.count - before

    def row(self, post: str) -> Locator:
        return self.page.locator(f"#post-{self._curator.numbers[post]}")

    def open(self, post: str) -> None:
        self.page.goto(urljoin(self.page.url, f"/queue/2022-12?open={self._curator.numbers[post]}"))
        self.see_open(post)

    def see(self, post: str, state: str) -> None:
        expect(self.row(post)).to_have_attribute("data-state", state)

    def see_decided(self, post: str) -> None:
        """A reloaded list does not have it any more."""
        expect(self.row(post).and_(self.page.locator("[data-state=undecided]"))).to_have_count(0)

    def see_open(self, post: str) -> None:
        expect(self.page.locator(f"#pane[data-id='{self._curator.numbers[post]}']")).to_be_attached()

    def write(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label, exact=False)
        expect(field).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)


class Keys(Hand):
    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def begin(self) -> None:
        self.press("j")

    def open(self, post: str) -> None:
        super().open(post)
        self.begin()

    def approve(self) -> None:
        self.press("a")

    def hold(self) -> None:
        self.press("h")

    def reject(self, reason: str) -> None:
        self.press("r", str((list_reasons(SHIPPED).index(reason) + 1) % 10))

    def reject_source(self) -> None:
        self.press("Shift+R", "Enter")

    def move(self, section: str) -> None:
        self.press("s", *section.replace(".", ""))

    def edit(self, *, title: str = "", note: str = "", is_approved: bool = False) -> None:
        self.press("e" if title else "n")
        if title:
            self.write("Title", title)
        if note:
            self.write("Note", note)
        self.press("Control+Enter" if is_approved else "Escape")

    def undo(self) -> None:
        self.press("u")

    def mark(self, _first: str, _second: str) -> None:
        self.press("Shift+J")

    def reject_marked(self, reason: str) -> None:
        self.reject(reason)

    def merge_marked(self) -> None:
        self.press("m")

    def go_on(self) -> None:
        """To the posts that are left; the cursor is there already."""


class Pointer(Hand):
    """A mouse or a finger, with scripts or without."""

    def __init__(self, page: Page, curator: Curator, *, touches: bool = False) -> None:
        super().__init__(page, curator)
        self._touches = touches

    def press(self, target: Locator) -> None:
        if self._touches:
            target.tap()
        else:
            target.click()
        self.count += 1

    def button(self, name: str, within: str = "#pane") -> Locator:
        return self.page.locator(within).get_by_role("button", name=name)

    def begin(self) -> None:
        if self._touches:
            self.press(self.page.locator(".row[data-state=undecided] h2 a").first)

    def approve(self) -> None:
        self.press(self.button("Approve", ".verdicts"))

    def hold(self) -> None:
        self.press(self.button("Hold", ".verdicts > form"))

    def reject(self, reason: str) -> None:
        self.press(self.page.locator("#reasons summary"))
        self.press(self.button(reason, "#reasons"))

    def reject_source(self) -> None:
        self.press(self.page.locator("#reasons summary"))
        self.press(self.button("All undecided of", "#reasons"))

    def move(self, section: str) -> None:
        self.press(self.page.locator("#sections summary"))
        self.press(self.button(section, "#sections"))

    def edit(self, *, title: str = "", note: str = "", is_approved: bool = False) -> None:
        self.press(self.page.locator("#pane [data-ask=e]"))
        field = self.page.get_by_label("Title")
        if title:
            # Without scripts no field has the focus.
            if not field.evaluate("field => field === document.activeElement"):
                self.press(field)
            self.write("Title", title)
        if note:
            self.press(self.page.get_by_label("Note"))
            self.write("Note", note)
        if is_approved:
            self.press(self.button("Save and approve", ".editor"))
        else:
            self.press(self.page.locator(".editor").get_by_role("button", name="Save", exact=True))

    def undo(self) -> None:
        self.press(self.button("Undo", "#undo-last"))

    def mark(self, first: str, second: str) -> None:
        if self._touches:
            self.press(self.page.locator("#pane .back a"))
        for post in (first, second):
            self.press(self.row(post).get_by_role("checkbox"))

    def reject_marked(self, reason: str) -> None:
        self.press(self.page.locator("#marked summary", has_text="Reject as"))
        self.press(self.button(reason, "#marked"))

    def merge_marked(self) -> None:
        self.press(self.page.locator("#marked summary", has_text="More"))
        self.press(self.button("They are the same article", "#marked"))

    def go_on(self) -> None:
        self.begin()


class Way(NamedTuple):
    """How somebody works: what moves the hand, and the settings of the browser."""

    hand: Callable[[Page, Curator], Any]
    settings: dict[str, object]


WAYS = {
    "keys": Way(Keys, {}),
    "mouse": Way(Pointer, {}),
    "touch": Way(lambda page, curator: Pointer(page, curator, touches=True), PHONE),
    "no scripts": Way(Pointer, {"java_script_enabled": False}),
}


def review_five(hand: Any, posts: Sequence[str]) -> None:
    """Every kind of deed on five posts, the first of which is open."""
    first, second, third, fourth, fifth = posts
    with hand.doing("change the section"):
        hand.move("2.2")
    expect(hand.row(first)).to_contain_text("2.2 NLP")
    with hand.doing("approve"):
        hand.approve()
    hand.see(first, "approved")
    hand.see_open(second)
    with hand.doing("edit the title"):
        hand.edit(title="*Edited* " + second)
    expect(hand.page.locator(".editor")).to_have_count(0)
    hand.see_open(second)
    with hand.doing("write a note"):
        hand.edit(note="읽을 만한 글", is_approved=True)
    hand.see(second, "approved")
    hand.see_open(third)
    with hand.doing("reject with a reason"):
        hand.reject("promotional")
    hand.see(third, "rejected")
    hand.see_open(fourth)
    hand.undo()
    hand.see(third, "undecided")
    hand.see_open(third)
    hand.hold()
    hand.see(third, "held")
    hand.see_open(fourth)
    hand.mark(fourth, fifth)
    hand.reject_marked("shallow")
    hand.see_decided(fourth)
    hand.see_decided(fifth)


def check_five(curator: Curator, posts: Sequence[str]) -> None:
    first, second, third, *both = (curator.get(post) for post in posts)
    assert (first.state, str(first.section), first.correction and first.correction.title) == ("approved", "2.2", None)
    assert (second.state, str(second.section)) == ("approved", "2.4")
    assert second.correction
    assert (second.correction.title, second.correction.note) == ("*Edited* " + posts[1], "읽을 만한 글")
    assert (third.state, third.verdict and third.verdict.reason, third.correction) == ("held", None, None)
    assert [(one.state, one.verdict and one.verdict.reason) for one in both] == [("rejected", "shallow")] * 2


def review_month(hand: Any, curator: Curator, count: int) -> None:
    hand.begin()
    for start in range(0, count, ROUND):
        if start:
            hand.go_on()
        hand.see_open(POSTS[start])
        review_five(hand, POSTS[start : start + ROUND])
    expect(hand.page.locator("#standing")).to_contain_text(f"{count * 4 // 5 + count // 5} of {MONTH} decided")
    for start in range(0, count, ROUND):
        check_five(curator, POSTS[start : start + ROUND])
    assert all(curator.get(post).verdict is None for post in POSTS[count:])


def merge_undo_and_reject_all(hand: Any, curator: Curator, posts: Sequence[str]) -> None:
    """What is left of the deeds that the document counts, on posts after the first five."""
    first, second = posts[:2]
    hand.open(first)
    with hand.doing("merge two"):
        hand.mark(first, second)
        hand.merge_marked()
    hand.see_decided(second)
    assert curator.get(second).post.copy_of == curator.numbers[first]
    with hand.doing("undo five"):
        for decided in (5, 3, 2, 1, 1):
            with hand.page.expect_response("**/undo"):
                hand.undo()
            expect(hand.page.locator("#standing")).to_contain_text(f"Review {decided} of")
    assert [(curator.get(post).state, curator.get(post).correction) for post in POSTS[1:ROUND]] == [
        ("undecided", None)
    ] * 4
    hand.open(first)
    with hand.doing("reject all of a source"):
        hand.reject_source()
    hand.see_decided(first)
    of_source = [curator.get(post) for post in POSTS if curator.get(post).post.feed_key == FEEDS[0].key]
    assert {one.state for one in of_source if one.post.id >= curator.numbers[first]} == {"rejected"}


def read_costs(way: str) -> dict[str, int]:
    """The column of the document."""
    table = DOCUMENT.read_text("utf-8").partition("## The curator's hand")[2].split("\n\n")
    lines = next(block for block in table if block.startswith("|")).splitlines()
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: int(row[head.index(way)]) for row in rows}


def be_slow(page: Page) -> None:
    """Every answer takes 600 ms."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    conditions = {"offline": False, "latency": 600, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", conditions)


@pytest.mark.parametrize("way", WAYS)
def test_five_posts_are_reviewed_and_edited_in_each_way(enter: Enter, curator: Curator, way: str, night: bool) -> None:
    if way in {"mouse", "touch"} and not night:
        pytest.skip("by pointer the other browser tests do the same, for `make test-night`")
    make_hand, settings = WAYS[way]
    hand = make_hand(enter(**settings), curator)
    review_month(hand, curator, ROUND)
    assert hand.costs.items() <= read_costs(way).items()


@pytest.mark.usefixtures("by_night")
@pytest.mark.parametrize("way", WAYS)
def test_every_deed_costs_what_the_document_says(enter: Enter, curator: Curator, way: str) -> None:
    make_hand, settings = WAYS[way]
    hand = make_hand(enter(**settings), curator)
    review_month(hand, curator, ROUND)
    merge_undo_and_reject_all(hand, curator, POSTS[ROUND:])
    assert hand.costs == read_costs(way)


@pytest.mark.usefixtures("by_night")
@pytest.mark.parametrize("is_slow", [False, True], ids=["at once", "600 ms"])
@pytest.mark.parametrize("way", WAYS)
def test_a_month_is_reviewed_and_edited_in_each_way(enter: Enter, curator: Curator, way: str, is_slow: bool) -> None:
    hand, settings = WAYS[way]
    page = enter(**settings)
    if is_slow:
        be_slow(page)
    review_month(hand(page, curator), curator, MONTH)
