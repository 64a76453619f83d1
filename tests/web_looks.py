"""What can be measured of a page that is open: its width, the size of what is touched, and how its text stands out."""

from __future__ import annotations

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

# What of the visible text is below the 4.5 to 1 that WCAG's level AA asks for.
_WEAK = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const read = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = read(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255];
    };
    const weak = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || !element.checkVisibility() || element.closest(".unseen, .skip, .notice, option, kbd")) continue;
        const [a, b] = [light(read(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        const text = element.textContent.trim().slice(0, 40);
        if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${element.className} ${text}`);
    }
    return weak;
}"""


def list_faults(page: Page) -> list[str]:
    """What is wrong with a page: that it has to be moved sideways, and text that does not stand out from its ground,
    in light or in dark.
    """
    _await_styles(page)
    size = page.viewport_size
    assert size
    faults = [f"wide at {size['width']} px: {found}" for found in page.evaluate(_WIDE, size["width"])]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        faults += [f"weak in {scheme} at {size['width']} px: {found}" for found in page.evaluate(_WEAK)]
    return faults


def list_violations(page: Page) -> list[str]:
    """What axe finds against the rules of WCAG and against good practice, and names that are not what is seen."""
    _await_styles(page)
    found = (
        Axe().run(page, options={"rules": {"label-content-name-mismatch": {"enabled": True}}}).response["violations"]
    )
    return [f"{one['id']}: {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


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
