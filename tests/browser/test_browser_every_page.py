"""Every page as it is seen: in Korean on a phone and in English on a desk, in light and in dark, by night in both
languages on both. A new page is a new row of the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from aggregator.app import App
from aggregator.digest.lint import Finding, Rule
from aggregator.digest.mend import name_fix
from aggregator.digest.page import Edit
from aggregator.web.server import create_server
from web_browser import PHONE, Enter
from web_looks import TOUCHED, list_violations, list_wide, measure_touched
from world import Curator
from world.worlds import (
    AFTERMATH,
    COPIES,
    EDITED_FEEDS,
    GONE_LINE,
    INDEXED,
    KEPT_PAGE,
    LINE_LOST,
    LONG_WORDS,
    MEASURED,
    MONTH_BEGUN,
    MONTH_DECIDED,
    PRINTED_BEFORE,
    READERS,
    RULED,
    SERIES,
    TWO_MODELS,
    World,
)

pytestmark = pytest.mark.browser


def _leave(page: Page) -> None:
    """As it comes."""


def _open(selector: str) -> Callable[[Page], None]:
    """Opens all that is closed until somebody asks."""

    def act(page: Page) -> None:
        for summary in page.locator(selector).all():
            summary.click()

    return act


def _edit(page: Page) -> None:
    page.locator("[data-ask=e]").first.click()


def _show_prompt(page: Page) -> None:
    _edit(page)
    page.get_by_role("button", name="Draft a note").or_(page.get_by_role("button", name="메모 초안 쓰기")).click()


def _find(page: Page) -> None:
    page.locator("[data-opens=palette]").click()
    page.get_by_role("combobox").fill("queue")


def _preview(page: Page) -> None:
    page.locator("[name='weights.business_case']").fill("5")
    page.locator("[formaction='/weights/preview']").click()


def _name_a_topic(page: Page) -> None:
    page.locator("[name='digest.topics.cv']").fill("Vision")
    page.locator("[formaction='/texts/preview']").click()


def _preview_rule(page: Page) -> None:
    page.locator("[name=sought]").fill("continuous")
    page.locator("[formaction='/rules/preview']").click()


def _follow_link(page: Page) -> None:
    """To a page without a session, whose address has a secret."""
    page.goto(page.locator("pre.command code").first.inner_text())


def _suggest(page: Page) -> None:
    _follow_link(page)
    page.locator("#url").fill("https://blog.example/a-post")
    page.locator("main .fill").click()


def _open_remark(page: Page) -> None:
    _follow_link(page)
    page.locator(".paper summary").first.click()


@dataclass(frozen=True)
class Look:
    """One state of one page."""

    world: World
    path: str
    #: What must be seen there, or it is another page.
    shown: str
    act: Callable[[Page], None] = _leave
    #: Another state of a page that a look above shows.
    is_by_night: bool = False
    #: How many things can be touched at least.
    touched: int = 5
    #: The shape of the page that the act leads to.
    goal: str = ""


_QUEUE = "/queue/2022-12"
_ALL = "/queue/2022-12?show=all"
_POST = "실시간-추천"

_KEPT = KEPT_PAGE.splitlines()
#: Of the double slash on the curator's page.
FIX = name_fix(_KEPT, Finding(5, Rule.ADDRESS, "", (Edit(4, 5, (_KEPT[4].replace("e//", "e/"),)),)))

LOOKS = (
    Look(MONTH_DECIDED, _QUEUE, ".row", is_by_night=True),
    Look(MONTH_DECIDED, _ALL, ".row.decided"),
    Look(MONTH_BEGUN, f"{_ALL}&open={{post}}", "#reasons button", _open("#reasons summary"), touched=16),
    Look(
        MONTH_BEGUN,
        f"{_ALL}&open={{post}}",
        "#sections button",
        _open("#sections summary"),
        touched=16,
        is_by_night=True,
    ),
    Look(MONTH_BEGUN, _ALL, "#filters", _open("#filtering summary"), touched=13),
    # What is shown before anything is typed leads to the feeds as well.
    Look(MONTH_BEGUN, _ALL, "#hits:not(:has([href='/feeds'])) [href='/']", _find),
    Look(MONTH_DECIDED, "/digest/2022-12", ".paper .new"),
    Look(MONTH_DECIDED, "/digest/2022-12?view=difference", ".diff .plus"),
    Look(MONTH_DECIDED, "/digest/2022-12?view=markdown", "pre.source", is_by_night=True),
    Look(EDITED_FEEDS, "/coverage/2022-12", ".table td"),
    Look(MEASURED, "/digest/2022-11", ".box form", _open(".do .menu summary"), is_by_night=True),
    Look(PRINTED_BEFORE, "/digest/2022-12", "[action$='/again'] button"),
    Look(MONTH_BEGUN, "/digest/2022-12", ".issue > .empty + .rail", is_by_night=True),
    Look(MONTH_DECIDED, f"/digest/2022-12/fix/{FIX}", ".diff .plus"),
    Look(MONTH_DECIDED, "/posts/{post}/edit", ".printed > .lines a", _open(".attach summary")),
    Look(MONTH_DECIDED, f"{_ALL}&open={{post}}", "#pane .editor", _edit),
    Look(MONTH_DECIDED, f"{_ALL}&open={{post}}", ".drafting pre", _show_prompt),
    Look(MONTH_DECIDED, "/waiting", ".entry .act"),
    # Nobody answers there: what is missing is typed.
    Look(MONTH_DECIDED, "/add?url=http://127.0.0.1:9/post", ".editor"),
    Look(EDITED_FEEDS, "/feeds", "#mina"),
    Look(EDITED_FEEDS, "/feeds", ".lists [type=file]", _open(".lists .menu summary"), is_by_night=True),
    Look(EDITED_FEEDS, "/feeds/lumen", "h1", is_by_night=True),
    Look(EDITED_FEEDS, "/feeds/closed", "[role=note]", is_by_night=True),
    Look(EDITED_FEEDS, "/feeds/mulgyeol", "pre"),
    Look(EDITED_FEEDS, "/feeds/sparrow", "h1", is_by_night=True),
    Look(EDITED_FEEDS, "/feeds/northwind", "h1", is_by_night=True),
    Look(EDITED_FEEDS, "/recipe?feed=mina", "#recipe [name=item]"),
    Look(LONG_WORDS, "/feeds", ".feeds tr[id]", is_by_night=True),
    Look(LONG_WORDS, "/feeds/northwind", "pre"),
    Look(LONG_WORDS, "/queue/2022-10?show=all", ".row"),
    Look(COPIES, "/copies", ".couples > li", _open(".alikes details summary")),
    Look(COPIES, f"{_ALL}&open={{post}}", ".alikes .why-same", _open(".alikes details summary, .fold summary")),
    Look(INDEXED, "/search", "main form", is_by_night=True),
    Look(INDEXED, "/search?q=%EC%B6%94%EC%B2%9C%20-x&month=2022-12", ".found > li"),
    Look(INDEXED, "/search?q=nothing", "main form", is_by_night=True),
    Look(SERIES, _QUEUE, ".row", is_by_night=True),
    Look(TWO_MODELS, "/model", "main form"),
    Look(TWO_MODELS, "/queue/2022-12?show=unsure&order=date", ".views", is_by_night=True),
    Look(TWO_MODELS, "/posts/{post}/why", ".near"),
    Look(MEASURED, "/weights?month=2022-12", ".number-field", is_by_night=True),
    Look(MEASURED, "/weights?month=2022-12", "#effect", _preview),
    Look(RULED, "/rules", ".rules > li", _open("details.more > summary"), is_by_night=True),
    Look(RULED, "/rules?edit=1", "#effect", _preview_rule),
    Look(RULED, "/queue/2022-12?show=muted", ".row", is_by_night=True),
    Look(MONTH_DECIDED, "/history", ".history tr[id]"),
    Look(RULED, "/taught", ".facts"),
    Look(MEASURED, "/figures", "main section"),
    Look(MEASURED, "/figures/list", ".strips .found", _open("main details summary")),
    Look(AFTERMATH, "/aftermath/2022-Q4", ".rows li", _open("details.more > summary")),
    Look(MEASURED, "/digests?q=%EC%B6%94%EC%B2%9C", ".lines li"),
    Look(MEASURED, "/digests/2022", ".table"),
    Look(MEASURED, _ALL, ".row", is_by_night=True),
    Look(MONTH_DECIDED, "/texts", "#preview h4", _name_a_topic),
    Look(LINE_LOST, "/corrections", ".entry .act"),
    Look(LINE_LOST, f"/corrections/change?url={GONE_LINE}", ".diff .plus", is_by_night=True),
    Look(READERS, "/suggestions", ".entry blockquote"),
    Look(READERS, "/suggestions", "#contact", _follow_link, touched=4, goal="/suggest/secret"),
    Look(READERS, "/suggestions", ".letter [role=status]", _suggest, touched=1, goal="/suggested/secret"),
    Look(READERS, "/digest/2022-12", ".paper textarea", _open_remark, touched=3, goal="/draft/secret"),
    Look(READERS, "/digest/2022-12", ".paper .remark", is_by_night=True),
    Look(MONTH_BEGUN, "/sessions", "main .entry"),
    Look(MONTH_DECIDED, "/notices", "main li"),
    Look(MEASURED, "/posts/{post}/score", "h1"),
)
# They lead to other pages, or are not pages.
NO_PAGES = {
    "/",
    "/activity",
    "/find",
    "/aftermath",
    "/digest",
    "/digest/{month}.md",
    "/digests/{year}.md",
    "/feeds/feeds.toml",
    "/figures/list/picture.svg",
    "/feeds/list.opml",
    "/pictures/{name}",
    "/digest/{month}/editions/{form}",
    "/posts/{post}",
    "/posts/{post}/pane",
    "/healthz",
    "/metrics",
    "/login",
    "/readyz",
    "/share",
}


def _name(look: Look) -> str:
    return f"{look.path} {look.shown}"


@pytest.fixture
def world(look: Look, night: bool) -> World:
    if look.is_by_night and not night:
        pytest.skip("another state of a page that is looked at, for `make test-night`")
    return look.world


@pytest.mark.parametrize("look", LOOKS, ids=_name)
def test_a_page_can_be_read_and_touched(enter: Enter, curator: Curator, look: Look, night: bool) -> None:
    path = look.path.format(post=curator.numbers.get(_POST))

    def open_page(**settings: object) -> Page:
        page = enter(path, **settings)
        look.act(page)
        expect(page.locator(look.shown).first).to_be_visible()
        return page

    desk, phone = open_page(), open_page(**PHONE, locale="ko-KR")

    heights = measure_touched(phone)
    small = [f"{height} px high, too small to touch: {name}" for name, height in heights if round(height) < TOUCHED]
    faults = [*list_wide(phone), *list_wide(desk), *small]
    # axe takes a third of a second: half of the looks are judged on the phone in light, the others on the desk in dark.
    if night or LOOKS.index(look) % 2:
        faults += list_violations(phone, "light")
    if night or not LOOKS.index(look) % 2:
        faults += list_violations(desk, "dark")
    if night:
        faults += [*list_violations(open_page(locale="ko-KR"), "dark"), *list_violations(open_page(**PHONE), "light")]

    assert not faults, "\n".join(faults)
    assert len(heights) >= look.touched


def test_the_table_has_every_page(make_app: Callable[..., App]) -> None:
    served = create_server(make_app()).openapi()["paths"]
    shapes = {path for path, methods in served.items() if "get" in methods} - NO_PAGES
    paths = [look.goal or urlsplit(look.path).path for look in LOOKS]

    missing = [shape for shape in shapes if not _is_among(shape, paths)]

    assert missing == []


def _is_among(shape: str, paths: Sequence[str]) -> bool:
    pattern = re.sub(r"{\w+}", "[^/]+", shape)
    return any(re.fullmatch(pattern, path) for path in paths)
