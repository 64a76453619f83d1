"""What can be measured of a page that is open: its width, the size of what is touched, and how its text stands out."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: What a finger can hit has this height at least, in pixels.
TOUCHED = 44

# What stands furthest to the right, where the page has to be moved sideways.
_WIDE = """(width) => {
    const wide = document.documentElement.scrollWidth;
    if (wide <= width) return [];
    const name = (element) => `${element.tagName.toLowerCase()}.${element.className}`;
    const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width);
    return [`${wide} px`, ...out.slice(0, 5).map(name)];
}"""

_HEIGHTS = """(all) => all.map((one) => [
    `${one.tagName.toLowerCase()}.${one.className} ${(one.textContent || one.name || "").trim().slice(0, 40)}`,
    one.getBoundingClientRect().height,
])"""

# The rules of WCAG and good practice, and names that are not what is seen; only what is against them is worked out.
_RULES = {"rules": {"label-content-name-mismatch": {"enabled": True}}, "resultTypes": ["violations"]}


def list_wide(page: Page) -> list[str]:
    """What makes it necessary to move a page sideways."""
    _await_styles(page)
    size = page.viewport_size
    assert size
    return [f"wide at {size['width']} px: {found}" for found in page.evaluate(_WIDE, size["width"])]


def list_violations(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    """What axe finds, such as text that does not stand out from its ground."""
    _await_styles(page)
    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{one['id']} in {scheme}: {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]
    ]


def measure_touched(page: Page) -> list[tuple[str, float]]:
    """Names and heights of all that is touched."""
    _await_styles(page)
    touched = page.locator(
        # A mark is touched by its label.
        "button:visible, .button:visible, select:visible, input:not([type=checkbox]):visible, .row > label:visible, "
        ".tabs a, .views a:visible, .top nav > a, .feeds .name"
    )
    return [(name, height) for name, height in touched.evaluate_all(_HEIGHTS)]


def _await_styles(page: Page) -> None:
    """A page that a click has brought may be seen before all of its styles have come."""
    page.wait_for_load_state()
