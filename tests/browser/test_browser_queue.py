"""Triage in a real browser: by keys, by pointer, without scripts, on a phone."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, Route, expect

from aggregator.config.settings import KeySettings
from aggregator.pipeline import history, publish, review, weights
from aggregator.pipeline.activity import Stage
from aggregator.pipeline.judge import Judge
from aggregator.shipped import SHIPPED
from aggregator.storage import judgements
from aggregator.storage.tables import scores
from aggregator.types import Candidate, Correction, Decision, DigestState, Month
from feed_server import FeedServer
from web_browser import PATIENCE, PHONE, Enter
from web_browser import Stage as BrowserStage
from world import MONTH, NOW, SAMPLES, Curator, fill, make_guess
from world.sections import CV, RESEARCH
from world.worlds import MONTH_BEGUN, SHORTLIST

pytestmark = pytest.mark.browser

WORLD = MONTH_BEGUN
FIRST, SECOND, THIRD, FOURTH, FIFTH = SHORTLIST
ALL = "/queue/2022-12?show=all"


def row_of(page: Page, curator: Curator, post: str) -> Locator:
    return page.locator(f"#post-{curator.numbers[post]}")


def pane_of(page: Page, curator: Curator, post: str) -> Locator:
    """The post beside the list, while it is this one."""
    return page.locator(f"#pane[data-id='{curator.numbers[post]}']")


def title_of(page: Page, curator: Curator, post: str) -> Locator:
    """Where the cursor is: the link of a row has the focus."""
    return row_of(page, curator, post).locator("h2 a")


def expect_state(page: Page, curator: Curator, post: str, state: str) -> None:
    expect(row_of(page, curator, post)).to_have_attribute("data-state", state)


def notice_of(page: Page) -> Locator:
    return page.locator("#notice [role=status]")


def decision_of(curator: Curator, post: str) -> Decision | None:
    verdict = curator.get(post).verdict
    return verdict.decision if verdict else None


# --- keys ---


def test_five_posts_are_triaged_by_keys_alone(enter: Enter, curator: Curator) -> None:
    page = enter()

    page.keyboard.press("j")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    page.keyboard.press("a")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    page.keyboard.press("h")
    expect(title_of(page, curator, THIRD)).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(title_of(page, curator, FOURTH)).to_be_focused()
    page.keyboard.press("a")
    expect(title_of(page, curator, FIFTH)).to_be_focused()
    page.keyboard.press("a")

    expect(page.locator("#all-decided")).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("Review 5 of 5 decided")
    assert [decision_of(curator, post) for post in SHORTLIST] == [
        Decision.APPROVE, Decision.HOLD, Decision.REJECT, Decision.APPROVE, Decision.APPROVE
    ]  # fmt: skip
    verdict = curator.get(THIRD).verdict
    assert verdict
    assert verdict.reason == "promotional"


def test_a_key_stars_an_approved_post_and_takes_the_star_off(enter: Enter, curator: Curator) -> None:
    page = enter(ALL)
    row, status = row_of(page, curator, FIRST), notice_of(page)
    page.keyboard.press("j")
    page.keyboard.press("*")
    expect(status).to_contain_text("Only approved posts are starred.")

    page.keyboard.press("a")
    expect_state(page, curator, FIRST, "approved")
    page.keyboard.press("k")
    page.keyboard.press("*")
    expect(row.locator(".star")).to_be_visible()
    expect(status).to_contain_text("Starred: Cutting Serving Cost")
    page.keyboard.press("*")
    expect(row.locator(".star")).to_have_count(0)
    page.keyboard.press("u")
    expect(row.locator(".star")).to_be_visible()


def test_what_happened_is_announced_and_can_be_undone_there(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("a")

    status = notice_of(page)
    expect(status).to_have_text("Approved: Cutting Serving Cost by 60% with Continuous Batching")
    page.locator("#notice").get_by_role("button", name="Undo").click()

    expect(title_of(page, curator, FIRST)).to_be_focused()
    expect(status).to_contain_text("is undecided again")
    assert decision_of(curator, FIRST) is None


def test_rows_that_are_guessed_otherwise_for_a_verdict_change_with_it(
    enter: Enter, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def feel(_judge: Judge, _candidate: Candidate) -> set[int]:
        moved = {curator.numbers[post] for post in (SECOND, THIRD)}
        with curator.app.database.writing() as connection:
            judgements.save_guesses(connection, [make_guess(number, RESEARCH, CV) for number in moved], NOW)
        return moved

    monkeypatch.setattr(Judge, "feel", feel)
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("a")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect(row_of(page, curator, SECOND)).to_contain_text("1.1 CV")
    expect(row_of(page, curator, THIRD)).to_contain_text("1.1 CV")
    page.keyboard.press("a")
    expect(title_of(page, curator, THIRD)).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("2 of 5 decided")
    assert str(curator.get(SECOND).section) == "1.1"


def test_undo_takes_back_the_newest_action_and_redo_brings_it_again(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    page.keyboard.press("h")
    expect(title_of(page, curator, THIRD)).to_be_focused()

    page.keyboard.press("u")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect_state(page, curator, SECOND, "undecided")
    page.keyboard.press("u")
    expect_state(page, curator, FIRST, "undecided")
    expect(notice_of(page)).to_contain_text("is undecided again")

    page.keyboard.press("Shift+U")
    expect_state(page, curator, FIRST, "approved")
    page.keyboard.press("Shift+U")
    expect_state(page, curator, SECOND, "held")
    expect(notice_of(page)).to_contain_text("Done again: Held")
    assert [decision_of(curator, post) for post in (FIRST, SECOND)] == [Decision.APPROVE, Decision.HOLD]


def test_undoing_what_is_not_on_the_page_says_so_and_keeps_the_place(enter: Enter, curator: Curator) -> None:
    page = enter()
    review.decide(curator.app, curator.numbers["색인-없이"], Decision.APPROVE)

    page.keyboard.press("j")
    page.keyboard.press("u")

    expect(notice_of(page)).to_contain_text("is undecided again")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    weights.set_overrides(curator.app, {"shortlist.size": 7})
    page.keyboard.press("u")
    expect(notice_of(page)).to_contain_text("shortlist.size is as before")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    review.decide(curator.app, curator.numbers["색인-없이"], Decision.HOLD)
    page.keyboard.press("u")
    expect(notice_of(page)).to_contain_text("is undecided again")
    page.get_by_role("link", name="Go to the post").click()
    page.wait_for_url("**/queue/2022-11?*")


def test_the_keys_are_those_of_the_settings(enter: Enter, curator: Curator, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeySettings(approve="Y", filter="=", mark_next="a")
    monkeypatch.setitem(vars(curator.app.settings), "keys", keys)
    page = enter()
    press(page, "a", "Shift+Y")
    expect(notice_of(page)).to_have_text("2 posts approved")

    page.keyboard.press("?")
    expect(page.locator("#keys div", has_text="approve").first).to_contain_text("Shift Y")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("=")
    expect(page.get_by_label("Words")).to_be_focused()


def test_rejecting_with_a_typed_reason_by_keys(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.press("t")
    page.keyboard.type("a hard read, 2 of 5")
    page.keyboard.press("Enter")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("1 of 5 decided")
    verdict = curator.get(FIRST).verdict
    assert verdict
    assert (verdict.decision, verdict.reason) == (Decision.REJECT, "a hard read, 2 of 5")


def test_the_tenth_reason_has_the_key_0(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.press("0")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("1 of 5 decided")
    verdict = curator.get(FIRST).verdict
    assert verdict
    assert verdict.reason == "machine-translated"


def test_escape_leaves_the_reasons_without_a_verdict(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("r")
    menu = page.locator("#reasons > div")
    expect(menu).to_be_visible()

    page.keyboard.press("Escape")

    expect(menu).to_be_hidden()
    expect(title_of(page, curator, FIRST)).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("j")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    assert decision_of(curator, FIRST) is None


def test_the_section_is_changed_by_keys_before_approving(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator("#sections").get_by_role("button", name="2.4 Training")).to_be_focused()
    expect(page.locator("#sections .hint")).to_contain_text("NLP: language models, agents, RAG")

    page.keyboard.press("2")
    page.keyboard.press("2")
    expect(notice_of(page)).to_contain_text("Moved to 2.2")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    expect(row_of(page, curator, FIRST)).to_contain_text("2.2 NLP")
    page.keyboard.press("a")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("1 of 5 decided")
    assert (curator.get(FIRST).section, curator.get(FIRST).state) == (SHIPPED.parse_section("2.2"), "approved")


def strike(page: Page, key: str, code: str, **more: bool) -> None:
    """A key as other layouts send it."""
    page.evaluate(
        "sent => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {...sent, bubbles: true, cancelable: true}))",
        {"key": key, "code": code, **more},
    )


@pytest.mark.parametrize(
    ("key", "code"),
    [("ㅁ", "KeyA"), ("Process", "KeyA"), ("a", "KeyQ"), ("A", "KeyA"), ("ａ", "KeyA")],
    ids=["korean", "input method", "another latin layout", "caps lock", "full width"],
)
def test_keys_work_in_other_layouts(enter: Enter, curator: Curator, key: str, code: str) -> None:
    page = enter()
    page.keyboard.press("j")

    strike(page, key, code)

    expect(page.locator("#views")).to_contain_text("Approved 1")
    assert decision_of(curator, FIRST) is Decision.APPROVE


def test_a_key_that_bears_another_sign_does_nothing(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")

    for key, code in (("-", "Slash"), ("!", "Slash"), (";", "Slash"), ("é", "Slash"), (",", "KeyW"), ("Dead", "KeyA")):
        strike(page, key, code)
        strike(page, "_" if key == "-" else key, code, shiftKey=True)
    for chord in ("modifierAltGraph", "ctrlKey", "metaKey", "altKey", "isComposing"):
        strike(page, "ą" if chord == "modifierAltGraph" else "ㅁ", "KeyA", **{chord: True})
        strike(page, "ㅓ", "KeyJ", **{chord: True})
    page.locator("#reasons summary").click()
    for key, code in (("²", "Backquote"), ("½", "Backquote"), ("&", "Digit1"), ("é", "Digit2")):
        strike(page, key, code)
    page.keyboard.press("Escape")

    expect(title_of(page, curator, FIRST)).to_be_focused()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert [decision_of(curator, post) for post in SHORTLIST] == [None] * 5
    strike(page, "/", "Digit7", shiftKey=True)
    expect(page.get_by_label("Words")).to_be_focused()


def test_a_key_that_is_held_down_decides_once(enter: Enter, curator: Curator) -> None:
    page = enter()
    status = notice_of(page)
    page.keyboard.press("j")

    def hold(key: str, said: str, focused: str) -> None:
        page.keyboard.down(key)
        expect(status).to_contain_text(said)
        expect(title_of(page, curator, focused)).to_be_focused()
        for _ in range(5):
            page.keyboard.down(key)
        page.keyboard.up(key)

    hold("a", "Approved", SECOND)
    hold("h", "Held", THIRD)
    page.keyboard.press("r")
    hold("1", "Rejected", FOURTH)
    hold("u", "is undecided again", THIRD)
    hold("u", "장바구니", SECOND)
    # The button of the bar takes back one verdict as well, however long Enter is held.
    page.keyboard.press("a")
    expect(title_of(page, curator, THIRD)).to_be_focused()
    page.locator("#undo-last button").focus()
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(status).to_contain_text("is undecided again")

    # Walking goes on for as long as its key is held.
    title_of(page, curator, FIRST).focus()
    for _ in range(3):
        page.keyboard.down("j")
    page.keyboard.up("j")
    expect(title_of(page, curator, FOURTH)).to_be_focused()
    assert [decision_of(curator, post) for post in SHORTLIST] == [Decision.APPROVE, None, None, None, None]


@pytest.mark.parametrize("keys", ["Control+a", "Alt+a", "Meta+a"])
def test_keys_with_a_modifier_are_the_browsers(enter: Enter, curator: Curator, keys: str) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press(keys)

    page.keyboard.press("j")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    assert decision_of(curator, FIRST) is None


def test_keys_do_nothing_while_typing(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("/")
    words = page.get_by_label("Words")
    expect(words).to_be_focused()

    page.keyboard.type("harju?/")

    expect(words).to_have_value("harju?/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    assert decision_of(curator, FIRST) is None


def test_help_lists_the_keys_and_holds_the_others_back(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()

    page.keyboard.press("a")
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    assert decision_of(curator, FIRST) is None


def test_o_opens_the_post_in_a_new_tab(enter: Enter) -> None:
    page = enter()
    # The post itself is not on this machine.
    page.context.route("https://northwind.example/**", lambda route: route.fulfill(body="the post"))
    page.keyboard.press("j")

    with page.context.expect_page() as opened:
        page.keyboard.press("o")

    opened.value.wait_for_url("https://northwind.example/continuous-batching")
    assert opened.value.evaluate("window.opener") is None


def test_a_refusal_is_said_and_the_post_stays(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    review.decide(curator.app, curator.numbers[FIRST], Decision.APPROVE)
    page = enter(f"{ALL}&open={curator.numbers[FIRST]}")
    history.undo_verdict(curator.app, curator.numbers[FIRST])

    pane_of(page, curator, FIRST).get_by_role("button", name="Take back").click()

    expect(notice_of(page)).to_contain_text("was taken back meanwhile, so nothing was changed.")
    expect_state(page, curator, FIRST, "undecided")
    expect(pane_of(page, curator, FIRST).get_by_role("button", name="Approve")).to_be_visible()
    assert "409 (Conflict)" in complaints.pop()


@pytest.mark.parametrize("scripted", [True, False])
def test_a_stale_tab_overturns_nothing_at_its_first_press(
    enter: Enter, curator: Curator, complaints: list[str], scripted: bool
) -> None:
    page = enter(java_script_enabled=scripted)
    review.decide(curator.app, curator.numbers[FIRST], Decision.APPROVE)

    page.locator("#reasons summary").click()
    page.get_by_label("Another reason").fill("너무 홍보성")
    page.get_by_label("Another reason").press("Enter")

    said = "was approved meanwhile by curator, so nothing was changed."
    expect(notice_of(page) if scripted else page.get_by_role("alert")).to_contain_text(said)
    assert decision_of(curator, FIRST) is Decision.APPROVE
    if scripted:
        # The row is open again, with the reason and what was wanted.
        expect_state(page, curator, FIRST, "approved")
        expect(row_of(page, curator, FIRST)).to_contain_text(said)
        expect(title_of(page, curator, FIRST)).to_be_focused()
        page.keyboard.press("r")
        expect(page.locator("#views")).to_contain_text("Rejected 1")
        expect(row_of(page, curator, FIRST)).to_contain_text("Rejected: 너무 홍보성")
    else:
        expect(page.get_by_text("Approved for")).to_be_visible()
        page.get_by_role("button", name="Reject anyway: 너무 홍보성").click()
        expect(row_of(page, curator, FIRST)).to_contain_text("Rejected: 너무 홍보성")
    verdict = curator.get(FIRST).verdict
    assert verdict
    assert (verdict.decision, verdict.reason) == (Decision.REJECT, "너무 홍보성")
    if scripted:
        # The undo in the bar takes back what it speaks of, and nothing that was said since.
        review.decide(curator.app, curator.numbers[FIRST], Decision.HOLD)
        page.locator("#notice").get_by_role("button", name="Undo").click()
        expect(notice_of(page)).to_contain_text("was held meanwhile")
        assert decision_of(curator, FIRST) is Decision.HOLD
    assert all("409 (Conflict)" in complaint for complaint in complaints)
    complaints.clear()


def end_waiting(page: Page) -> None:
    """Lets the time of all requests be over."""
    page.evaluate("limits.forEach(end => end())")


@pytest.mark.parametrize("hangs", [False, True])
def test_when_the_daemon_is_gone_nothing_is_lost_silently(
    enter: Enter, curator: Curator, complaints: list[str], hangs: bool
) -> None:
    page = enter()
    page.evaluate(
        """() => { window.limits = []; AbortSignal.timeout = () => {
            const control = new AbortController();
            limits.push(() => control.abort(new DOMException("late", "TimeoutError")));
            return control.signal;
        } }"""
    )
    held = hold_back(page, re.compile("/(approve|undo)$"))
    for key, row in (("a", row_of(page, curator, FIRST)), ("u", page.locator("#notice"))):
        page.keyboard.press(key)
        wait_for(page, held)
        if hangs:
            end_waiting(page)
        else:
            held.pop().abort()
        held.clear()
        expect(row).to_contain_text(
            "The daemon has not answered for 30 seconds. Perhaps it was stored; try again."
            if hangs
            else "The daemon does not answer. Nothing was stored; try again."
        )

    expect(title_of(page, curator, FIRST)).to_be_focused()
    # A merge has a button of its own in the notice, an undo that may reach further back has none.
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    page.unroute(re.compile("/(approve|undo)$"))
    page.route("**/many", lambda route: route.abort(), times=1)
    press(page, "Shift+J", "h")
    page.get_by_role("button", name="Try again").click()
    expect(notice_of(page)).to_have_text("2 posts held")
    assert {"ERR_FAILED" in complaint for complaint in complaints} <= {True}
    complaints.clear()


def test_a_session_that_ended_is_said(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter()
    page.context.clear_cookies()
    page.keyboard.press("j")
    page.keyboard.press("a")

    expect(notice_of(page)).to_contain_text("aggregator login-link")
    assert decision_of(curator, FIRST) is None
    page.close()
    assert all("401 (Unauthorized)" in complaint for complaint in complaints)
    complaints.clear()


@pytest.mark.parametrize("scripted", [True, False])
def test_what_was_typed_outlives_its_session(
    enter: Enter, curator: Curator, complaints: list[str], scripted: bool
) -> None:
    page = enter(java_script_enabled=scripted)
    page.context.clear_cookies()
    page.locator("#reasons summary").click()
    page.get_by_label("Another reason").fill("너무 홍보성")
    page.get_by_label("Another reason").press("Enter")
    expect(page.locator("#notice" if scripted else "main")).to_contain_text("aggregator login-link")

    # Logs in again in another tab.
    enter(java_script_enabled=scripted)
    if scripted:
        row_of(page, curator, FIRST).get_by_role("button", name="Reject anyway: 너무 홍보성").click()
    else:
        page.get_by_role("button", name="Send it again").click()
        expect(page.get_by_text("older session")).to_be_visible()
        page.get_by_role("button", name="Send it again").click()

    expect(row_of(page, curator, FIRST)).to_contain_text("Rejected: 너무 홍보성")
    # From now on the page belongs to the new session.
    pane_of(page, curator, SECOND).get_by_role("button", name="Hold").click()
    expect(row_of(page, curator, SECOND)).to_contain_text("Held")
    expect(page.locator("#views")).to_contain_text("Held 1")
    assert {one.split("(")[0].split()[-1] for one in complaints} <= {"401", "403"}
    complaints.clear()


# --- the editor of a line ---


def open_editor(page: Page) -> Locator:
    """The editor of the first post, opened by keys. From now on only the test moves the clock of the page."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.keyboard.press("j")
    page.keyboard.press("e")
    editor = page.locator(".editor")
    expect(editor.get_by_label("Title")).to_be_focused()
    return editor


def test_a_line_is_typed_in_korean_and_approved_by_keys(enter: Enter, curator: Curator) -> None:
    page = enter()
    editor, state = open_editor(page), page.locator(".editor .state")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))

    page.keyboard.press("End")
    page.keyboard.type(" on **Halyard**")
    page.clock.run_for(300)
    expect(editor.locator(".printed strong")).to_have_text("Halyard")
    assert curator.get(FIRST).correction is None, "a preview stores nothing"
    page.clock.run_for(700)
    expect(state).to_contain_text("Saved ")
    expect(page.locator("#notice.shown")).to_have_count(0)

    editor.get_by_label("Note").focus()
    sent.clear()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "요처", "selectionStart": 2, "selectionEnd": 2})
    page.clock.run_for(5000)
    assert sent == [], "nothing is sent while a syllable is composed"
    keyboard.send("Input.insertText", {"text": "요청"})
    page.clock.run_for(1000)
    expect(state).to_contain_text("Saved ")
    expect(editor.get_by_label("Note")).to_be_focused()
    page.keyboard.press("Control+Enter")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    title_of(page, curator, FIRST).click()
    expect(pane_of(page, curator, FIRST).locator("h2 strong")).to_have_text("Halyard")
    expect(pane_of(page, curator, FIRST).locator(".note")).to_have_text("요청")
    after = curator.get(FIRST)
    assert (after.state, after.correction and after.correction.note) == ("approved", "요청")


def test_one_key_takes_the_proposed_title_and_enter_stores_it(enter: Enter, curator: Curator) -> None:
    page = enter(f"/posts/{curator.numbers['hiring']}/edit")
    title = page.get_by_label("Title")

    title.press("Alt+y")

    expect(title).to_have_value("We are Hiring: ML Engineers in Three Cities")
    expect(page.get_by_role("button", name="Take it")).to_have_count(0)
    title.press("Enter")
    page.wait_for_url("**/queue/**")
    correction = curator.get("hiring").correction
    assert correction
    assert correction.title == "We are Hiring: ML Engineers in Three Cities"


def test_a_picture_is_put_behind_the_note_and_shown(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter(f"/posts/{curator.numbers['hiring']}/edit")
    page.get_by_text("Add a picture").click()
    picture = page.get_by_label("PNG, JPEG, WebP or GIF")
    shown = page.locator(".printed img")

    picture.set_input_files({"name": "page.svg", "mimeType": "image/png", "buffer": b"<svg/>"})
    page.get_by_role("button", name="Add to the note").click()
    expect(page.get_by_role("alert")).to_have_text("The file is not a picture: PNG, JPEG, WebP and GIF can be printed.")

    one = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    picture.set_input_files({"name": "one.gif", "mimeType": "image/gif", "buffer": one})
    page.get_by_label("What it shows").fill("A chart")
    page.get_by_role("button", name="Add to the note").click()

    expect(page.get_by_label("Note, in Markdown")).to_have_value(
        re.compile(r"^!\[A chart\]\(pictures/[0-9a-f]{32}\.gif\)$")
    )
    expect(shown).to_have_js_property("naturalWidth", 1)
    expect(shown).to_have_attribute("alt", "A chart")
    assert ["422" in complaint for complaint in complaints] == [True], "of the page that is not a picture"
    complaints.clear()


def test_a_key_of_the_list_takes_it_too(enter: Enter, curator: Curator) -> None:
    page = enter(f"/queue/2022-12?show=all&open={curator.numbers['hiring']}")

    page.keyboard.press("y")

    expect(page.get_by_label("Title")).to_have_value("We are Hiring: ML Engineers in Three Cities")
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0, "only list and post scroll"


def test_what_the_post_says_is_added_to_the_note_by_key_by_button_and_by_selection(
    enter: Enter, curator: Curator
) -> None:
    page = enter()
    editor = open_editor(page)
    note, added = editor.get_by_label("Note"), "When traffic tripled in October, the serving bill tripled with it."

    editor.get_by_label("Title").press("Alt+1")
    expect(note).to_have_value(added)
    expect(note).to_be_focused()
    offered = editor.locator(".hints li").nth(1)
    offered.get_by_role("button", name="Add").click()
    added += f" {offered.locator('p').first.text_content()}"
    expect(note).to_have_value(added)
    text = page.locator("#pane .text")
    text.evaluate("text => { document.activeElement.blur(); getSelection().selectAllChildren(text); }")
    page.keyboard.press("q")
    added += f" “{' '.join(text.inner_text().split())}”"
    expect(note).to_have_value(added)
    page.clock.run_for(1000)

    expect(editor.locator(".state")).to_contain_text("Saved ")
    correction = curator.get(FIRST).correction
    assert correction
    assert correction.note == added


def test_a_draft_is_shown_before_it_is_sent_and_goes_into_the_note_by_hand(
    enter: Enter, stage: BrowserStage, curator: Curator, feed_server: FeedServer
) -> None:
    said = {"choices": [{"message": {"content": "Continuous batching, 42% cheaper."}}]}
    feed_server.play("/v1/chat/completions", json.dumps(said), validators=False)
    drafting = curator.app.settings.drafting.model_copy(update={"endpoint": f"{feed_server.address}/v1"})
    stage.show(replace(curator.app, settings=curator.app.settings.model_copy(update={"drafting": drafting})))
    page = enter()
    editor = open_editor(page)
    note, box = editor.get_by_label("Note"), editor.locator(".drafting")
    note.fill("Mine.")
    box.get_by_role("button", name="Draft a note").press("Enter")
    expect(box.locator("pre")).to_contain_text("Title: Cutting Serving Cost by 60%")
    expect(box.locator("summary")).to_be_focused()
    assert feed_server.bodies == []

    asked: list[Route] = []
    # Playwright cannot mark a method of a list.
    page.route("**/draft", lambda route: asked.append(route))  # noqa: PLW0108
    with page.expect_request("**/draft"):
        box.get_by_role("button", name="Send it").click()
    note.focus()
    asked[0].continue_()

    expect(box.locator("mark")).to_have_text("42")
    # Who goes on typing while the model writes is left there.
    expect(note).to_be_focused()
    expect(note).to_have_value("Mine.")
    box.get_by_role("button", name="Put it into the note").press("Enter")
    expect(note).to_have_value("Mine. Continuous batching, 42% cheaper.")
    expect(note).to_be_focused()


def test_escape_stores_the_line_and_returns_to_the_list(enter: Enter, curator: Curator) -> None:
    page = enter()
    editor = open_editor(page)
    late: list[Route] = []
    # Playwright cannot mark a method of a list.
    page.route("**/line", lambda route: late.append(route))  # noqa: PLW0108
    editor.get_by_label("Note").fill("읽을 만한 글")
    with page.expect_request("**/line"):
        page.clock.run_for(300)
    page.keyboard.press("Escape")

    expect(title_of(page, curator, FIRST)).to_be_focused()
    expect(editor).to_have_count(0)
    correction = curator.get(FIRST).correction
    assert correction
    assert correction.note == "읽을 만한 글"
    # The answer to the last preview comes when there is no editor any more.
    with page.expect_response("**/line"):
        late[0].continue_()
    # The row carries the version that was just stored.
    page.keyboard.press("a")
    expect(page.locator("#views")).to_contain_text("Approved 1")


@pytest.mark.parametrize("first", ["pane", "editor"])
def test_an_editor_that_is_opened_while_its_pane_is_rendered_anew_stays(
    enter: Enter, curator: Curator, first: str
) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Another title")
    number = curator.numbers[FIRST]
    panes, editors = (hold_back(page, re.compile(rf"/posts/{number}/{what}\?")) for what in ("pane", "edit"))
    page.locator(".editor").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".editor")).to_have_count(0)
    page.keyboard.press("e")
    for held in (panes, editors) if first == "pane" else (editors, panes):
        release(page, held, 1)
    note = page.get_by_label("Note")
    note.fill("읽을 만한 글")

    page.keyboard.press("Control+Enter")
    expect_state(page, curator, FIRST, "approved")
    correction = curator.get(FIRST).correction
    assert correction
    assert (correction.title, correction.note) == ("Another title", "읽을 만한 글")


def test_what_somebody_else_stored_is_overwritten_only_by_a_button(
    enter: Enter, curator: Curator, complaints: list[str]
) -> None:
    page = enter()
    editor, number = open_editor(page), curator.numbers[FIRST]
    review.correct(curator.app, number, Correction(number, "", NOW, note="theirs"))
    note = editor.get_by_label("Note")
    note.fill("mine")
    page.clock.run_for(1000)
    expect(page.locator(".editor .state")).to_contain_text("Not saved; kept in this browser")
    expect(editor).to_contain_text("Stored now: theirs")

    note.fill("still mine")
    page.keyboard.press("Escape")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    page.keyboard.press("e")
    expect(note).to_have_value("still mine")
    correction = curator.get(FIRST).correction
    assert correction
    assert correction.note == "theirs"

    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor).to_have_count(0)
    correction = curator.get(FIRST).correction
    assert correction
    assert correction.note == "still mine"
    assert "409 (Conflict)" in complaints.pop()


def test_a_line_of_a_post_that_is_left_is_kept(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter()
    editor, line = open_editor(page), re.compile(r"/posts/\d+/edit$")
    page.route(line, lambda route: route.abort())
    note = editor.get_by_label("Note")
    note.fill("mine")
    title_of(page, curator, THIRD).click()
    expect(notice_of(page)).to_contain_text("Not saved; kept in this browser.")
    expect(pane_of(page, curator, THIRD)).to_be_visible()
    title_of(page, curator, FIRST).click()
    expect(pane_of(page, curator, FIRST)).to_be_visible()
    page.keyboard.press("e")
    expect(editor.get_by_label("Title")).to_be_focused()
    expect(note).to_have_value("mine")
    page.unroute(line)

    # An answer does not move the cursor, nor close the editor of another post.
    late = hold_back(page, "**/edit")
    note.press("Control+Enter")
    wait_for(page, late)
    title_of(page, curator, THIRD).click()
    expect(pane_of(page, curator, THIRD)).to_be_visible()
    page.keyboard.press("e")
    expect(editor.get_by_label("Title")).to_be_focused()
    release(page, late, 1)
    expect(page.locator("#views")).to_contain_text("Approved 1")
    expect(editor.get_by_label("Title")).to_be_focused()
    assert {"ERR_FAILED" in complaint for complaint in complaints} == {True}
    complaints.clear()


def test_a_line_that_could_not_be_saved_outlives_its_window(
    enter: Enter, curator: Curator, complaints: list[str]
) -> None:
    page = enter()
    editor = open_editor(page)
    page.context.clear_cookies()
    editor.get_by_label("Note").fill("mine")
    page.clock.run_for(1000)
    expect(editor.locator(".state")).to_contain_text("Not saved; kept in this browser.")
    page.close()

    page = enter()
    editor = open_editor(page)
    expect(editor).to_contain_text("This was typed before and not saved:Note, in Markdown: mine")
    expect(editor.get_by_label("Note")).to_have_value("")
    editor.get_by_role("button", name="Take it").click()
    expect(editor.get_by_label("Note")).to_have_value("mine")
    page.clock.run_for(1000)
    expect(editor.locator(".state")).to_contain_text("Saved ")
    correction = curator.get(FIRST).correction
    assert correction
    assert correction.note == "mine"
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('typed'))") == []
    assert {"401" in complaint for complaint in complaints} == {True}
    complaints.clear()


def test_a_section_is_chosen_after_the_line_was_edited(enter: Enter, curator: Curator) -> None:
    page = enter()
    editor = open_editor(page)
    editor.get_by_label("Note").fill("mine")
    page.keyboard.press("Escape")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    press(page, "s", "2", "2")
    expect(notice_of(page)).to_contain_text("Moved to 2.2")


# --- pointer ---


def test_approving_and_undoing_by_pointer(enter: Enter, curator: Curator) -> None:
    page = enter()

    title_of(page, curator, SECOND).click()
    approve = pane_of(page, curator, SECOND).get_by_role("button", name="Approve")
    approve.click()
    expect(row_of(page, curator, SECOND)).to_contain_text("Approved")
    expect(page.locator("#views")).to_contain_text("Approved 1")
    assert decision_of(curator, SECOND) is Decision.APPROVE

    title_of(page, curator, SECOND).click()
    expect(pane_of(page, curator, SECOND)).to_contain_text("Approved for 2.3 RecSys, etc.")
    pane_of(page, curator, SECOND).get_by_role("button", name="Take back").click()
    expect(pane_of(page, curator, SECOND).get_by_role("button", name="Approve")).to_be_visible()
    assert decision_of(curator, SECOND) is None


def test_the_next_button_stays_under_the_pointer(enter: Enter, curator: Curator) -> None:
    page = enter()
    before = page.get_by_role("button", name="Approve").bounding_box()
    assert before
    at = before["x"] + 10, before["y"] + 10

    for post in SHORTLIST[:3]:
        expect(pane_of(page, curator, post)).not_to_have_attribute("aria-busy", "true")
        page.mouse.click(*at)
        expect_state(page, curator, post, "approved")

    expect(page.locator("#standing")).to_contain_text("3 of 5 decided")


# --- many at once ---


def test_marked_posts_are_rejected_at_once_and_come_back_at_once(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    for keys in ("x", "Shift+J", "Shift+J"):
        page.keyboard.press(keys)
    expect(page.locator("#marked")).to_contain_text("3 marked")
    page.keyboard.press("r")
    page.keyboard.press("3")

    expect(notice_of(page)).to_have_text("3 posts rejected")
    for post in (FIRST, SECOND, THIRD):
        expect(row_of(page, curator, post)).to_contain_text("Rejected: shallow")
    expect(title_of(page, curator, FOURTH)).to_be_focused()
    expect(page.locator("#marked")).to_be_hidden()

    page.locator("#notice").get_by_role("button", name="Undo").click()
    expect(notice_of(page)).to_contain_text("3 verdicts are taken back")
    for post in (FIRST, SECOND, THIRD):
        expect_state(page, curator, post, "undecided")
    assert [decision_of(curator, post) for post in SHORTLIST] == [None] * 5


@pytest.mark.parametrize("scripted", [True, False])
def test_marked_posts_get_a_section_by_pointer(enter: Enter, curator: Curator, scripted: bool) -> None:
    page = enter(java_script_enabled=scripted)
    for post in (FIRST, THIRD):
        row_of(page, curator, post).get_by_role("checkbox").check()
    page.locator("#marked summary", has_text="More").click()
    page.locator("#marked").get_by_role("button", name="Section 2.2 NLP").click()

    expect(row_of(page, curator, FIRST)).to_contain_text("2.2 NLP")
    expect(row_of(page, curator, THIRD)).to_contain_text("2.2 NLP")
    assert str(curator.get(THIRD).section) == "2.2"


def test_a_post_is_held_until_next_month_by_keys(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("Shift+H")
    expect(page.get_by_role("button", name="Hold until next month")).to_be_focused()
    page.keyboard.press("Enter")

    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("of 4 decided")
    assert curator.get(FIRST).post.month == MONTH.shift(1)


def test_all_of_a_source_are_rejected_at_once(enter: Enter, curator: Curator) -> None:
    page = enter(ALL)
    press(page, "j", "Shift+R")
    expect(page.get_by_role("button", name="All undecided of Northwind")).to_be_focused()
    page.keyboard.press("2")

    expect(notice_of(page)).to_have_text("2 posts rejected")
    expect(row_of(page, curator, "hiring")).to_contain_text("Rejected: promotional")
    assert decision_of(curator, "hiring") is Decision.REJECT


# --- slow answers ---


def hold_back(page: Page, pattern: str | re.Pattern[str]) -> list[Route]:
    """Requests that are answered when the test says so."""
    held: list[Route] = []
    # Playwright cannot mark a method of a list.
    page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108
    return held


def wait_for(page: Page, held: list[Route]) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        if held:
            return
        page.wait_for_timeout(10)
    pytest.fail("the page sends nothing; it shows:\n" + page.locator("body").aria_snapshot())


def release(page: Page, held: list[Route], count: int) -> list[str]:
    """Answer requests one after the other as they come; returns their paths."""
    paths = []
    for _ in range(count):
        wait_for(page, held)
        route = held.pop(0)
        paths.append(urlsplit(route.request.url).path)
        with page.expect_response(route.request.url):
            route.continue_()
    return paths


def test_verdicts_do_not_wait_for_answers_and_arrive_in_order(enter: Enter, curator: Curator) -> None:
    page = enter()
    held = hold_back(page, re.compile(r"/posts/\d+/(approve|hold|reject)"))
    page.keyboard.press("j")
    for key in "aah":
        page.keyboard.press(key)

    # Everything is shown before the first answer.
    expect(title_of(page, curator, FOURTH)).to_be_focused()
    for post, state in ((FIRST, "approved"), (SECOND, "approved"), (THIRD, "held")):
        expect_state(page, curator, post, state)
    page.keyboard.press("j")
    expect(title_of(page, curator, FIFTH)).to_be_focused()

    numbers = [curator.numbers[post] for post in (FIRST, SECOND, THIRD)]
    assert release(page, held, 3) == [f"/posts/{numbers[0]}/approve", f"/posts/{numbers[1]}/approve",
                                      f"/posts/{numbers[2]}/hold"]  # fmt: skip
    expect(page.locator("#standing")).to_contain_text("3 of 5 decided")
    # No answer has moved the cursor.
    expect(title_of(page, curator, FIFTH)).to_be_focused()
    assert [decision_of(curator, post) for post in (FIRST, SECOND, THIRD)] == [
        Decision.APPROVE, Decision.APPROVE, Decision.HOLD
    ]  # fmt: skip


def test_a_verdict_that_fails_opens_its_row_again(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter()
    held = hold_back(page, "**/approve")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("j")
    expect(title_of(page, curator, THIRD)).to_be_focused()

    wait_for(page, held)
    held.pop().abort()

    expect_state(page, curator, FIRST, "undecided")
    expect(row_of(page, curator, FIRST)).to_contain_text("The daemon does not answer. Nothing was stored")
    expect(title_of(page, curator, THIRD)).to_be_focused()
    page.unroute("**/approve")
    # The row is drawn again, and what failed is still offered.
    row_of(page, curator, FIRST).get_by_role("checkbox").check()
    page.locator("#marked summary", has_text="More").click()
    page.locator("#marked").get_by_role("button", name="Section 2.2 NLP").click()
    expect(row_of(page, curator, FIRST)).to_contain_text("2.2 NLP")
    row_of(page, curator, FIRST).get_by_role("button", name="Approve anyway").click()
    expect(page.locator("#standing")).to_contain_text("1 of 5 decided")
    assert decision_of(curator, FIRST) is Decision.APPROVE
    assert "ERR_FAILED" in complaints.pop()


FORMS = re.compile(r"/posts/\d+/(approve|section|undo)$|/(undo|many)$")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_section_and_a_verdict_do_not_wait_for_each_other(enter: Enter, curator: Curator) -> None:
    page = enter()
    held = hold_back(page, FORMS)
    press(page, "j", "s", "2", "2", "s", "2", "1", "a")
    release(page, held, 2)
    wait_for(page, held)
    # The answer to a section does not take back the verdict that follows.
    expect_state(page, curator, FIRST, "approved")
    release(page, held, 1)

    expect(page.locator("#views")).to_contain_text("Approved 1")
    assert (str(curator.get(FIRST).section), curator.get(FIRST).state) == ("2.1", "approved")


def test_what_follows_a_refusal_is_not_sent(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    review.decide(curator.app, curator.numbers[SECOND], Decision.APPROVE)
    page = enter()
    held = hold_back(page, FORMS)
    press(page, "j", "s", "2", "2", "a", "u")
    review.decide(curator.app, curator.numbers[FIRST], Decision.HOLD)
    release(page, held, 1)

    failure = row_of(page, curator, FIRST).locator(".failure")
    expect(failure).to_contain_text("was held meanwhile")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    page.keyboard.press("a")
    assert release(page, held, 1)[0].endswith("/approve")
    expect(failure).to_have_count(0)
    assert [decision_of(curator, post) for post in (FIRST, SECOND)] == [Decision.APPROVE] * 2
    assert "409 (Conflict)" in complaints.pop()


def test_undoing_twice_leads_to_the_second_post_unless_somebody_types(enter: Enter, curator: Curator) -> None:
    page = enter()
    press(page, "j", "a", "a", "a")
    expect(page.locator("#standing")).to_contain_text("3 of 5 decided")
    held = hold_back(page, FORMS)
    press(page, "u", "u")
    release(page, held, 2)
    expect(title_of(page, curator, SECOND)).to_be_focused()

    expect(pane_of(page, curator, SECOND)).to_have_attribute("data-state", "undecided")
    press(page, "u", "r", "t")
    page.keyboard.type("a hard")
    release(page, held, 1)
    expect_state(page, curator, FIRST, "undecided")
    page.keyboard.type(" read")
    expect(page.get_by_label("Another reason")).to_have_value("a hard read")


def test_an_answer_about_many_leaves_the_cursor_and_an_undo_offers_no_other(enter: Enter, curator: Curator) -> None:
    review.decide(curator.app, curator.numbers[FIFTH], Decision.APPROVE)
    page = enter(f"{ALL}&open={curator.numbers[FIRST]}")
    press(page, "x", "Shift+J", "r", "Escape")
    expect(page.locator("#marked")).to_contain_text("2 marked")
    held = hold_back(page, FORMS)
    page.keyboard.press("a")
    title_of(page, curator, FIFTH).click()
    release(page, held, 1)
    expect(page.locator("#views")).to_contain_text("Approved 3")
    expect(title_of(page, curator, FIFTH)).to_be_focused()

    page.keyboard.press("u")
    release(page, held, 1)
    expect(notice_of(page)).to_contain_text("2 verdicts are taken back")
    expect(page.locator("#notice").get_by_role("button", name="Undo")).to_be_hidden()


def test_a_merge_keeps_the_place_in_the_list(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter()
    pane = pane_of(page, curator, FIRST)
    pane.get_by_text("The same as another post").click()
    pane.get_by_label("Its number or address").fill("999999")
    pane.get_by_role("button", name="Merge").click()
    expect(row_of(page, curator, FIRST).locator(".failure")).to_contain_text("No post has the number or address 999999")
    title_of(page, curator, SECOND).click()
    press(page, "x", "Shift+J")
    page.locator("#marked summary", has_text="More").click()
    page.get_by_role("button", name="They are the same article").click()

    expect(notice_of(page)).to_contain_text("are the same article now")
    expect(page.locator(".row[aria-current]")).to_have_count(1)
    expect(row_of(page, curator, FIRST)).not_to_have_attribute("aria-current", "true")
    assert "422" in complaints.pop()


def test_a_verdict_that_fails_twice_is_said_once_with_all_that_was_asked(
    enter: Enter, curator: Curator, complaints: list[str]
) -> None:
    for post in SHORTLIST[1:]:
        review.decide(curator.app, curator.numbers[post], Decision.APPROVE)
    page = enter()
    page.route("**/hold", lambda route: route.abort())
    press(page, "j", "Shift+H", "Enter")
    failure = row_of(page, curator, FIRST).locator(".failure")
    expect(failure).to_be_visible()
    expect(page.locator("#all-decided")).to_be_hidden()
    with page.expect_request("**/hold"):
        page.keyboard.press("h")
    expect(failure).to_have_count(1)
    page.unroute("**/hold")
    page.keyboard.press("h")

    expect(page.locator("#standing")).to_contain_text("4 of 4 decided")
    assert curator.get(FIRST).post.month == MONTH.shift(1)
    assert len(complaints) == 2
    complaints.clear()


def test_keys_wait_for_the_post_they_are_about(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter()
    page.route(f"**/posts/{curator.numbers[FIFTH]}/pane*", lambda route: route.abort())
    held = hold_back(page, f"**/posts/{curator.numbers[THIRD]}/pane*")
    title_of(page, curator, THIRD).focus()
    press(page, "r", "2", "a")
    wait_for(page, held)
    expect_state(page, curator, THIRD, "undecided")
    held.pop().continue_()
    expect(page.locator("#standing")).to_contain_text("2 of 5 decided")
    assert [decision_of(curator, post) for post in (THIRD, FOURTH)] == [Decision.REJECT, Decision.APPROVE]

    # A post that cannot be shown has no menu, and that of another one is not taken for it.
    expect(title_of(page, curator, FIFTH)).to_be_focused()
    press(page, "s", "2", "2", "k")
    expect(title_of(page, curator, FOURTH)).to_be_focused()
    expect(page.locator("#sections[open]")).to_have_count(0)
    assert all(curator.get(post).correction is None for post in SHORTLIST)
    page.close()
    assert {"ERR_FAILED" in complaint for complaint in complaints} == {True}
    complaints.clear()


def test_a_late_post_takes_the_place_of_nothing_newer(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    expect(pane_of(page, curator, FIRST)).to_be_visible()
    held = hold_back(page, re.compile(rf"/posts/({curator.numbers[FIRST]}|{curator.numbers[FOURTH]})/pane"))
    title_of(page, curator, FOURTH).click()
    title_of(page, curator, FIRST).click()
    wait_for(page, held)
    for _ in range(2):
        wait_for(page, held)
        held.pop().continue_()
    expect(pane_of(page, curator, FIRST)).not_to_have_attribute("aria-busy", "true")

    # What is typed survives the post as it is after its section has changed.
    press(page, "s", "2", "2")
    wait_for(page, held)
    press(page, "r", "t")
    page.keyboard.type("a hard")
    held.pop().continue_()
    expect(pane_of(page, curator, FIRST)).not_to_have_attribute("aria-busy", "true")
    page.keyboard.type(" read")
    expect(page.get_by_label("Another reason")).to_have_value("a hard read")


def test_a_post_that_is_not_in_the_list_is_decided_beside_it(enter: Enter, curator: Curator) -> None:
    page = enter(f"/queue/2022-12?open={curator.numbers['hiring']}")
    pane_of(page, curator, "hiring").get_by_role("button", name="Approve").click()

    expect(pane_of(page, curator, "hiring").get_by_role("button", name="Take back")).to_be_visible()
    assert decision_of(curator, "hiring") is Decision.APPROVE


def test_marks_do_not_come_back_on_other_posts(enter: Enter, curator: Curator) -> None:
    page = enter()
    row_of(page, curator, SECOND).get_by_role("checkbox").check()
    page.locator(".verdicts").get_by_role("button", name="Approve").click()
    expect(page.locator("#standing")).to_contain_text("1 of 5 decided")
    page.get_by_role("link", name="History", exact=True).click()
    page.wait_for_url("**/history")
    page.go_back()

    expect(row_of(page, curator, SECOND)).to_have_count(0)
    expect(page.locator(".row input:checked")).to_have_count(0)


def test_keys_and_a_wider_window_open_the_post_of_the_cursor(enter: Enter, curator: Curator) -> None:
    page = enter()
    wide = page.viewport_size
    assert wide
    page.set_viewport_size({"width": 640, "height": 700})
    press(page, "j", "j")
    page.set_viewport_size(wide)
    expect(pane_of(page, curator, SECOND)).to_be_visible()

    page.set_viewport_size({"width": 640, "height": 700})
    press(page, "j", "r")
    expect(pane_of(page, curator, THIRD).get_by_role("button", name="Shallow")).to_be_visible()


def test_the_section_of_an_approved_post_is_changed_in_place(enter: Enter, curator: Curator) -> None:
    review.decide(curator.app, curator.numbers[FIRST], Decision.APPROVE)
    page = enter("/queue/2022-12?show=approved")

    page.locator("#sections summary").click()
    page.locator("#sections").get_by_role("button", name="2.2 NLP").click()

    expect(pane_of(page, curator, FIRST)).to_contain_text("Approved for 2.2 NLP")
    expect(title_of(page, curator, FIRST)).to_be_focused()
    expect(page.locator("#notice").get_by_role("button", name="Undo")).to_be_hidden()


def test_held_posts_are_gone_through_like_undecided_ones(enter: Enter, curator: Curator) -> None:
    for post in (FIRST, SECOND):
        review.decide(curator.app, curator.numbers[post], Decision.HOLD)
    page = enter("/queue/2022-12?show=held")

    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    page.keyboard.press("a")

    expect(page.locator("#all-decided")).to_be_focused()
    page.keyboard.press("u")
    expect(title_of(page, curator, SECOND)).to_be_focused()
    expect_state(page, curator, SECOND, "held")


def test_choosing_a_filter_by_pointer_applies_it(enter: Enter) -> None:
    page = enter()

    page.locator("#filtering summary").click()
    page.get_by_label("Language").select_option("ko")

    page.wait_for_url("**/queue/2022-12?*language=ko*")
    expect(page.locator(".row")).to_have_count(2)


@pytest.mark.parametrize("apply", ["Enter", "button"])
def test_a_filter_chosen_by_keys_is_applied_when_it_is_chosen(enter: Enter, apply: str) -> None:
    page = enter(ALL)
    page.locator("#filtering summary").click()
    select = page.locator("#filters select[name=section]")
    select.focus()

    for _ in range(3):
        page.keyboard.press("ArrowDown")

    expect(select).to_be_focused()
    expect(select).to_have_value("1.3")
    assert page.url.endswith(ALL)
    if apply == "button":
        page.get_by_role("button", name="Filter").click()
    else:
        page.keyboard.press(apply)
    page.wait_for_url("**/queue/2022-12?*section=1.3*")
    expect(page.locator("#filters select[name=section]")).to_have_value("1.3")


def test_the_cursor_takes_the_pane_along_and_enter_reads(enter: Enter, curator: Curator) -> None:
    page = enter()
    expect(pane_of(page, curator, FIRST)).to_contain_text("which parts of the scheduler we had to write")
    expect(pane_of(page, curator, FIRST)).to_contain_text("MLOps96%")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(pane_of(page, curator, SECOND)).to_contain_text("이중 타워 모델")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="The post")).to_be_focused()
    page.keyboard.press("Escape")
    expect(title_of(page, curator, SECOND)).to_be_focused()


def test_hangul_is_shown_and_not_boxes(enter: Enter) -> None:
    page = enter()
    title = page.locator("#posts").get_by_role("link", name="장바구니 추천을 실시간으로: 두 단계 검색과 재정렬")
    expect(title).to_be_visible()

    widths = title.evaluate(
        """element => {
            const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
            context.font = getComputedStyle(element).font;
            const draw = (text) => {
                context.clearRect(0, 0, 60, 40);
                context.fillText(text, 2, 28);
                return context.getImageData(0, 0, 60, 40).data.join();
            };
            return {same: draw("장") === draw("바"), drawn: draw("장") !== draw("")};
        }"""
    )

    # Without a font for Hangul both would be the same box.
    assert widths == {"same": False, "drawn": True}


# --- without scripts ---


def test_everything_works_without_scripts(enter: Enter, curator: Curator) -> None:
    page = enter(java_script_enabled=False)
    page.locator("#sections summary").click()
    expect(page.get_by_text("language models, agents, RAG")).to_be_visible()
    page.locator("#sections").get_by_role("button", name="2.2 NLP").click()
    expect(pane_of(page, curator, FIRST)).to_contain_text("2.2 NLP")
    page.locator(".verdicts").get_by_role("button", name="Approve").click()
    # The post just decided stays where it was; the next one is open.
    expect_state(page, curator, FIRST, "approved")
    expect(row_of(page, curator, FIRST)).to_be_in_viewport()

    expect(pane_of(page, curator, SECOND)).to_be_visible()
    page.locator("#reasons summary").click()
    page.locator("#reasons").get_by_role("button", name="No ML substance").click()
    expect(row_of(page, curator, SECOND)).to_contain_text("Rejected: no ML substance")

    expect(pane_of(page, curator, THIRD)).to_be_visible()
    page.locator("#reasons summary").click()
    page.get_by_label("Another reason").fill("광고성 글")
    page.get_by_label("Another reason").press("Enter")
    expect(row_of(page, curator, THIRD)).to_contain_text("Rejected: 광고성 글")

    title_of(page, curator, THIRD).click()
    page.get_by_role("button", name="Take back").click()
    expect(pane_of(page, curator, THIRD).get_by_role("button", name="Hold")).to_be_visible()
    page.locator("#undo-last").get_by_role("button").click()
    expect(pane_of(page, curator, SECOND).get_by_role("button", name="Approve")).to_be_visible()

    assert [decision_of(curator, post) for post in (FIRST, SECOND, THIRD)] == [Decision.APPROVE, None, None]
    assert curator.get(FIRST).section == SHIPPED.parse_section("2.2")
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()


def test_filters_and_printing_work_without_scripts(enter: Enter, curator: Curator) -> None:
    page = enter(java_script_enabled=False)
    page.locator("#filtering summary").click()
    page.locator("#filters").get_by_label("Source").select_option("lumen")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".row")).to_have_count(1)
    page.locator(".verdicts").get_by_role("button", name="Approve").click()

    page.get_by_role("link", name="Digest", exact=True).click()
    page.get_by_text("Print the digest").click()
    page.get_by_role("button", name="Print it now").click()

    expect(page.get_by_text("What is printed is frozen")).to_be_visible()
    expect(page.locator("article.paper")).to_contain_text(
        "Sparse Experts That Fit on One Card (Dec 2022, Lumen Research)"
    )


def test_the_digest_is_downloaded_under_its_month(enter: Enter, curator: Curator) -> None:
    review.decide(curator.app, curator.numbers[SECOND], Decision.APPROVE)
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    page = enter("/digest/2022-12")

    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=".md").click()

    assert download.value.suggested_filename == "2022-12.md"
    assert download.value.path().read_text(encoding="utf-8").count("장바구니 추천") == 1


# --- small ---


def test_a_long_address_leaves_the_publisher_whole(enter: Enter, curator: Curator) -> None:
    fill(curator.app, [replace(SAMPLES[0], path="a-long-address-" * 9, month=Month(2022, 10))])
    page = enter("/queue/2022-10?show=all")

    cut = page.locator(".meta b, .meta .address").evaluate_all(
        "all => all.map(one => one.scrollWidth > one.clientWidth)"
    )

    assert cut == [False, True]


def test_on_a_phone_a_post_is_read_and_rejected_by_touch(enter: Enter, curator: Curator) -> None:
    page = enter(**PHONE)
    expect(page.locator("#pane")).to_be_hidden()
    title_of(page, curator, SECOND).tap()

    expect(pane_of(page, curator, SECOND)).to_be_visible()
    expect(page.locator("#posts")).to_be_hidden()
    page.locator("#reasons summary").tap()
    page.get_by_role("button", name="Shallow").tap()
    expect(pane_of(page, curator, THIRD)).to_be_visible()
    page.go_back()

    expect(page.locator("#posts")).to_be_visible()
    expect(row_of(page, curator, SECOND)).to_contain_text("Rejected: shallow")
    # The row says so at once, the views when it is stored.
    expect(page.locator("#views")).to_contain_text("Rejected 1")
    assert decision_of(curator, SECOND) is Decision.REJECT


def swipe(page: Page, start: int, end: int) -> None:
    touch = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", start), ("touchMove", end), ("touchEnd", None)):
        points = [] if x is None else [{"x": x, "y": 400}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_on_a_phone_a_swipe_approves_or_asks_for_a_reason(enter: Enter, curator: Curator) -> None:
    page = enter(f"/queue/2022-12?open={curator.numbers[FIRST]}", **PHONE)
    expect(pane_of(page, curator, FIRST)).to_be_visible()

    swipe(page, 60, 300)
    expect(pane_of(page, curator, SECOND)).to_be_visible()
    swipe(page, 300, 60)
    expect(page.get_by_role("button", name="Shallow")).to_be_visible()
    page.get_by_role("button", name="Shallow").tap()
    expect(pane_of(page, curator, THIRD)).to_be_visible()
    page.locator("#pane .back a").tap()

    expect(page.locator("#views")).to_contain_text("Rejected 1")
    assert [decision_of(curator, post) for post in (FIRST, SECOND)] == [Decision.APPROVE, Decision.REJECT]


def test_on_a_phone_a_notice_stands_above_the_buttons_of_the_editor(enter: Enter, curator: Curator) -> None:
    page = enter(f"/queue/2022-12?open={curator.numbers[FIRST]}", **PHONE)
    page.locator("#pane [data-verdict=approve] button").tap()
    expect(pane_of(page, curator, SECOND)).to_be_visible()
    page.locator("#pane [data-ask=e]").tap()
    buttons = page.locator("#pane .editor > .do")
    buttons.scroll_into_view_if_needed()
    notice, form = page.locator("#notice.shown").bounding_box(), buttons.bounding_box()

    assert notice
    assert form
    assert notice["y"] + notice["height"] < form["y"]


def test_on_a_phone_three_posts_are_seen_and_the_list_begins_in_the_first_third(enter: Enter) -> None:
    page = enter(**PHONE)
    boxes = [one.bounding_box() for one in page.locator(".row").all()]
    ends = [box["y"] + box["height"] for box in boxes if box]

    assert boxes[0]
    assert boxes[0]["y"] < 844 / 3
    assert sum(end <= 844 for end in ends) >= 3


def test_the_list_appears_by_itself_when_it_is_ranked(enter: Enter, curator: Curator) -> None:
    activity, database = curator.app.activity, curator.app.database
    with database.writing() as connection:
        proposed = connection.execute(sa.select(scores.c.post_id).where(scores.c.shortlisted)).scalars().all()
        connection.execute(sa.update(scores).values(shortlisted=False))
    activity.enter(Stage.VISIT)
    activity.feeds = 123
    page = enter("/search")
    page.clock.install()
    page.goto(urljoin(page.url, "/queue/2022-12"))
    status = page.locator("#activity")
    expect(status).to_have_text("Visited 0 of 123 feeds, 0 posts so far.")

    activity.visited, activity.posts = 37, 512
    page.clock.run_for(2000)
    expect(status).to_have_text("Visited 37 of 123 feeds, 512 posts so far.")

    with database.writing() as connection:
        connection.execute(sa.update(scores).where(scores.c.post_id.in_(proposed)).values(shortlisted=True))
    activity.stage = None
    page.clock.run_for(2000)
    expect(page.locator(".row").first).to_be_visible()
    expect(status).to_have_count(0)
