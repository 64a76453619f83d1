"""Take the pictures of the documents: the curator's pages with the invented posts of the demo.

    python bench/screenshots.py [NAME …]

Writes docs/NAME.webp in English and docs/NAME.ko.webp in Korean for each of PICTURES, or for those named. Takes a minute;
needs a Chromium (``playwright install chromium``). Nothing is asked of other machines.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.app import App, open_app
from aggregator.demo.play import demo_clock, load_demo, play_feeds
from aggregator.pipeline import review, search
from aggregator.storage.database import Aim
from aggregator.storage.outlines import list_outlines
from aggregator.types import Decision, Month
from web_browser import PHONE, Stage, open_browser

ROOT = Path(__file__).parents[1]
MONTH = Month(2026, 10)
DESK = {"viewport": ViewportSize(width=1280, height=660)}
#: A picture has fewer bytes, if the last quality lets it: the first that does is taken.
MOST = 80_000
QUALITIES = (80, 65, 50, 35, 25)
#: The ends of file names, and the languages of the browser.
LANGUAGES = {"": "en-US", ".ko": "ko-KR"}
#: What is typed in the editor. Each is new, or nothing would be saved.
NOTES = {
    "en-US": "Worth reading for its evaluation, with [code](https://example.com/code).",
    "ko-KR": "읽기 좋은 사례, [코드](https://example.com/code)도 있습니다.",
}


@contextmanager
def open_demo() -> Iterator[App]:
    """The demo after its first round, with the third to the sixth post of the month approved."""
    with (
        tempfile.TemporaryDirectory() as home,
        play_feeds() as address,
        open_app(load_demo(Path(home), address), Aim.RUN, clock=demo_clock()) as app,
    ):
        asyncio.run(app.visitor.visit_due())
        app.judge.judge_new()
        search.index_new(app.database)
        for post in list_shortlist(app)[2:6]:
            review.decide(app, post, Decision.APPROVE)
        yield app


def list_shortlist(app: App) -> list[int]:
    with app.reading() as connection:
        return [one.post_id for one in list_outlines(connection, MONTH, "") if one.is_shortlisted]


def show_queue(page: Page) -> None:
    """The second post is open."""
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".row[aria-current] + .row")).to_be_visible()


def show_pane(page: Page) -> None:
    """The reasons for a rejection are offered."""
    page.keyboard.press("r")
    expect(page.locator("#reasons button").first).to_be_visible()


def show_editor(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("e")
    editor = page.locator(".editor")
    expect(editor.locator("[name=title]")).to_be_focused()
    note = NOTES[page.evaluate("navigator.language")]
    editor.locator("[name=note]").fill(note)
    expect(editor.locator(".printed")).to_contain_text(note.partition("[")[0].strip(" ,"))
    expect(editor.locator("[role=status]")).to_contain_text(re.compile("Saved|저장됨"))
    editor.locator("[name=note]").focus()


def show_nothing(page: Page) -> None:
    """The page is what is shown."""


def show_post(page: Page) -> None:
    page.locator(".row h2 a").nth(1).tap()
    expect(page.locator("#pane .text")).to_be_visible()
    # What is focused is not what is shown here.
    page.evaluate("document.activeElement.blur()")


# The history comes last: it has what was typed for the others.
PICTURES: dict[str, tuple[str, dict[str, object], Callable[[Page], None]]] = {
    "feeds": ("/feeds", DESK, show_nothing),
    "queue": (f"/queue/{MONTH}", DESK, show_queue),
    "pane": (f"/queue/{MONTH}", DESK, show_pane),
    "editor": (f"/queue/{MONTH}", DESK, show_editor),
    "digest": (f"/digest/{MONTH}", DESK, show_nothing),
    "difference": (f"/digest/{MONTH}?view=difference", DESK, show_nothing),
    "phone": (f"/queue/{MONTH}", PHONE, show_post),
    "history": ("/history", DESK, show_nothing),
}


def take(page: Page, place: Path) -> None:
    """Take a picture of what a page shows."""
    # Half the size of PNG; Playwright itself knows only PNG and JPEG.
    browser_itself = page.context.new_cdp_session(page)
    for quality in QUALITIES:
        taken = browser_itself.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = b64decode(taken["data"])
        if len(picture) < MOST:
            break
    place.write_bytes(picture)
    print(f"{place.relative_to(ROOT)}: {len(picture) / 1000:.0f} kB" + (", too large" * (len(picture) >= MOST)))


def main(names: list[str]) -> None:
    with open_demo() as app, open_browser() as browser, closing(Stage(browser)) as stage:
        stage.show(app)
        for end, language in LANGUAGES.items():
            for name in names or list(PICTURES):
                path, settings, show = PICTURES[name]
                page = stage.open_page(path, color_scheme="light", reduced_motion="reduce", locale=language, **settings)
                show(page)
                page.wait_for_load_state("networkidle")
                take(page, ROOT / "docs" / f"{name}{end}.webp")
            stage.clear()


if __name__ == "__main__":
    main(sys.argv[1:])
