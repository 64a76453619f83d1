"""A page is added from where it stands, by the bookmarklet in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from feed_server import FeedServer
from web_browser import Enter
from world.worlds import MONTH_BEGUN

pytestmark = pytest.mark.browser

WORLD = MONTH_BEGUN
TITLE = "작은 모델을 한 대의 서버에 올리기"
TEXT = "<p>모델 네 개를 한 대의 서버에서 돌리며 지연 시간을 줄인 방법을 자세히 적습니다.</p>" * 6
PAGE = f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{TITLE}</title><link rel="icon" href="data:,">
<meta property="article:published_time" content="2022-12-08T10:00:00+09:00"></head><body><article><h1>{TITLE}</h1>{TEXT}</article></body></html>"""


def test_the_bookmarklet_adds_the_page_that_it_is_pressed_on(enter: Enter, feed_server: FeedServer) -> None:
    address = feed_server.play("/small-models", PAGE, content_type="text/html; charset=utf-8")
    page = enter("/queue/2022-12")
    page.get_by_role("link", name="Add", exact=True).click()
    pressed = page.locator("#bookmarklet").get_attribute("href")
    assert pressed
    page.goto(address)

    with page.expect_popup() as opened:
        page.evaluate(pressed.removeprefix("javascript:"))
    form = opened.value
    expect(form.get_by_label("Title")).to_have_value(TITLE)
    expect(form.get_by_label("Published on")).to_have_value("2022-12-08")
    form.get_by_label("Organisation").fill("하늘상점")
    form.get_by_role("button", name="Add to the candidates").click()

    expect(form.locator("#pane h2")).to_contain_text(TITLE)
    row = form.locator(".row", has_text=TITLE)
    expect(row).to_contain_text("added by you")
    expect(row).to_contain_text("하늘상점")
    form.get_by_role("button", name="Undo").first.click()
    expect(form.locator(".row", has_text=TITLE)).to_have_count(0)
    form.close()
