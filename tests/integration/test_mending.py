"""Mistakes are put right where they are shown: a correction of a post, or a confirmed edit of the curator's page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.digest.mend import list_pieces, replace_pieces
from aggregator.digest.page import Edit
from aggregator.exceptions import MeanwhileError, ReviewError
from aggregator.pipeline import history, mending, review
from aggregator.storage.links import save_check
from aggregator.types import Correction, LinkCheck, LinkState, Month
from feed_server import FeedServer
from world import FEEDS, MONTH, Curator, fill, import_page, text_of, visit_page

OLD = """\
# Posts

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [Shipping  Models (Sep 2022, Other)](https://other.example/shipping)
* [Sailing (Aug 2022, Other)](https://other.example/sailing)
"""


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS, digest={"page": "README.md"})
    (app.folder / "README.md").write_bytes(OLD.encode())
    curator = visit_page(app, fill(app)).log_in()
    curator.decide("continuous-batching", "approve")
    return curator


def read_file(curator: Curator) -> str:
    return (curator.app.folder / "README.md").read_bytes().decode()


def test_a_fix_of_an_approved_post_is_a_correction_of_its_line(curator: Curator) -> None:
    number = curator.numbers["continuous-batching"]
    review.correct(curator.app, number, Correction(number, "", curator.app.now, title="Cutting  Serving Cost"))
    page = curator.read("/digest/2022-12")
    (fix,) = re.findall(r'<button name="fix" value="(\w+)">', page)

    assert curator.send("/digest/2022-12/fix", fix=fix).status_code == 303
    correction = curator.get("continuous-batching").correction
    assert correction
    assert correction.title == "Cutting Serving Cost"
    assert read_file(curator) == OLD
    assert curator.send("/digest/2022-12/fix", fix=fix).status_code == 409, "it was done already"
    history.undo(curator.app)
    assert fix in curator.read("/digest/2022-12")


def test_all_fixes_of_a_page_are_one_difference_and_one_action(curator: Curator) -> None:
    path, url = "/digest/2022-12/fix/all", "https://other.example/sailing"
    assert path not in curator.read("/digest/2022-12"), "one has its own button"
    with curator.app.database.writing() as connection:
        now = curator.app.now
        save_check(connection, LinkCheck(url, now, LinkState.MOVED, now, 200, "https://new.example/sailing"))
    assert f'href="{path}"' in curator.read("/digest/2022-12")

    shown = curator.read(path)
    assert "Line 5: " in shown
    assert "Line 6: The page has moved to https://new.example/sailing." in shown
    (mark,) = re.findall(r'name="mark" value="(\w+)"', shown)
    assert curator.send(path, mark="other").status_code == 409
    assert curator.send(path, mark=mark).status_code == 303
    fixed = OLD.replace("other.example/sailing", "new.example/sailing").replace("  Models", " Models")
    assert read_file(curator) == fixed
    assert "Put 2 lines of the page right" in curator.read("/history")
    history.undo(curator.app)
    assert read_file(curator) == OLD


def test_links_of_a_month_are_checked_again_when_asked(curator: Curator, feed_server: FeedServer) -> None:
    feed_server.play("/post", "text", content_type="text/html")
    line = f"* [Sailing (Aug 2022)]({feed_server.address}/post)\n"
    import_page(curator.app, f"# Posts\n\n## 1. Research\n### 1.1. CV\n{line}", Month(2022, 8), is_judged=False)
    for said in ("1 address was looked at.", "0 addresses were looked at."):
        answer = curator.send("/digest/2022-08/links")
        assert said in text_of(curator.read(answer.headers["location"]))


def test_a_fix_of_another_line_is_an_edit_that_is_seen_first(curator: Curator) -> None:
    with curator.app.database.writing() as connection:
        now, url = curator.app.now, "https://other.example/sailing"
        save_check(connection, LinkCheck(url, now, LinkState.MOVED, now, 200, "https://new.example/sailing"))
    page = curator.read("/digest/2022-12")
    assert "The page has moved to https://new.example/sailing." in page
    spaces, moved = re.findall(r'href="(/digest/2022-12/fix/\w{16})"', page)

    shown = curator.read(moved)
    assert "added: + * [Sailing (Aug 2022, Other)](https://new.example/sailing)" in re.sub(r"\s+", " ", text_of(shown))
    assert read_file(curator) == OLD, "a look changes nothing"
    (mark,) = re.findall(r'name="mark" value="(\w+)"', shown)
    (old_mark,) = re.findall(r'name="mark" value="(\w+)"', curator.read(spaces))
    assert curator.send(moved, mark=mark).status_code == 303
    assert read_file(curator) == OLD.replace("other.example/sailing", "new.example/sailing")
    assert curator.send(spaces, mark=old_mark).status_code == 409, "the page is another one now"
    (mark,) = re.findall(r'name="mark" value="(\w+)"', curator.read(spaces))
    assert curator.send(spaces, mark=mark).status_code == 303

    assert "Put line 5 of the page right" in html.unescape(curator.read("/history"))
    history.undo(curator.app)
    assert "Shipping  Models" in read_file(curator)
    history.undo(curator.app)
    assert read_file(curator) == OLD
    history.redo(curator.app)
    assert "new.example/sailing" in read_file(curator)
    by_hand = read_file(curator).replace("Sailing", "Rowing")
    (curator.app.folder / "README.md").write_bytes(by_hand.encode())
    with pytest.raises(ReviewError, match="were changed since"):
        history.undo(curator.app)
    assert read_file(curator) == by_hand
    with pytest.raises(MeanwhileError):
        mending.mend_page(curator.app, MONTH, "none", mark="")


def test_the_editor_says_what_is_to_be_checked(curator: Curator) -> None:
    number, post = curator.numbers["continuous-batching"], curator.get("continuous-batching").post
    with curator.app.database.writing() as connection:
        save_check(connection, LinkCheck(post.url, curator.app.now, LinkState.MISSING, curator.app.now, 404))
    assert "The page is gone: its server does not have it." in curator.read(f"/posts/{number}/edit")
    said = curator.ask(f"/posts/{number}/line", title="**Open", seen="0.0").json()
    assert "Emphasis in the title is not closed." in said["editor"]


LINES = ["a", "b", "a", "c"]


@pytest.mark.parametrize(
    ("edits", "later", "expected"),
    [
        ([Edit(1, 2, ("B",))], ["a", "B", "a", "c"], LINES),
        ([Edit(1, 2, ("B",))], ["x", "y", "a", "B", "a", "c"], ["x", "y", *LINES]),
        ([Edit(1, 2, ("B",))], ["a", "b by hand", "a", "c"], None),
        ([Edit(0, 1, ("A",))], ["A", "b", "A", "c"], ["a", "b", "A", "c"]),
        ([Edit(0, 1, ("A",))], ["x", "A", "b", "A", "c"], None),
        ([Edit(1, 2, ())], ["a", "a", "c"], LINES),
        ([Edit(3, 4, ())], ["x", "a", "b", "a"], None),
        ([Edit(0, 0, ("c",)), Edit(3, 4, ())], ["c", "a", "b", "a"], LINES),
    ],
)
def test_what_a_fix_replaced_is_put_back_where_it_stands_for_certain(
    edits: list[Edit], later: list[str], expected: list[str] | None
) -> None:
    before, after = list_pieces(LINES, edits)
    found = replace_pieces(later, after, before)
    assert (None if found is None else _apply(later, found)) == expected


def _apply(lines: list[str], edits: list[Edit]) -> list[str]:
    lines = list(lines)
    for edit in reversed(edits):
        lines[edit.first : edit.end] = edit.lines
    return lines
