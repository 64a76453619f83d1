"""Makes the HTML that the page shows of an article. Pure.

What is stored was sanitised when it was collected, and is sanitised again here, by the present rules and more strictly.
The patterns are exact on what nh3 writes (``text.html``).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from aggregator.addresses.urls import host_of
from aggregator.locales import t
from aggregator.text.content import find_picture
from aggregator.text.html import TAG, is_video, normalise, sanitise_article, shorten, text_of
from aggregator.types import Article

#: The longest article that is shown whole, in characters of its HTML.
LONGEST = 200_000
_LONGEST_NAME = 100
# The pane has the title as its h2.
_FIRST_HEADING, _LAST_HEADING = 3, 6

_BLANK = r"(?:\s|&nbsp;|<br>)*+"
_LEADING = re.compile(rf"(?:{_BLANK}<div>)*+{_BLANK}<(h[1-6])>")
_HEADING = re.compile(r"<(/?)h([1-6])>")
_EMPTY_BLOCK = re.compile(rf"<(p|h[1-6])>{_BLANK}</\1>")
_EMPTY_LINK = re.compile(r'(<a href="([^"]*)"[^<>]*>)(\s*+)</a>')
_IMAGE = re.compile(rf"<img\b({TAG.pattern[1:-1]})>")
_ATTRIBUTE = re.compile(r' (\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article as the page shows it."""

    #: Safe to be put into a page as it is, below an h2.
    html: str
    #: How many pictures it has, shown or left out.
    pictures: int
    #: Whether its end is left out, because it is too long.
    is_cut: bool


def show_article(article: Article, *, with_pictures: bool = False) -> ShownArticle:
    """Show an article. Nothing in it is requested from elsewhere, except the pictures *with_pictures*: the answer then
    needs the header ``guard.PICTURES_FROM_ELSEWHERE``. Without them, their names are in ``<span class="left-out">``.
    """
    is_cut = len(article.html) > LONGEST
    whole = article.html
    # A tag that breaks off would be dropped; the elements that are open are closed.
    markup = sanitise_article(whole[: whole.rfind(">", 0, LONGEST) + 1] if is_cut else whole, article.url)
    markup, pictures = _place_pictures(_cut_title(markup, article.title), with_pictures=with_pictures)
    markup = _EMPTY_LINK.sub(_name_link, markup)
    markup = _fit_headings(_EMPTY_BLOCK.sub("", markup))
    return ShownArticle(_make_scrollable(markup).strip(), pictures, is_cut)


def _cut_title(markup: str, title: str) -> str:
    """The article without a first heading that says what the title says."""
    leading = _LEADING.match(markup)
    if leading is None:
        return markup
    end = markup.find(f"</{leading[1]}>", leading.end())
    says_title = text_of(markup[leading.end() : end]).casefold() == normalise(title).casefold()
    return markup[: leading.start(1) - 1] + markup[end + len("</h1>") :] if says_title else markup


def _place_pictures(markup: str, *, with_pictures: bool) -> tuple[str, int]:
    """The article with its pictures or their names, and their number. Of a formula, a face or a counter, only the text
    that stands for it is left.
    """
    pictures = 0

    def place(image: re.Match[str]) -> str:
        nonlocal pictures
        given: dict[str, str] = dict(_ATTRIBUTE.findall(image[1]))
        source = find_picture(image[1])
        if source is None:
            return given.get("alt", "")
        pictures += 1
        name = given.get("alt", "").strip() or _name_picture(source)
        if not with_pictures:
            said = t("A picture is left out: {name}", name=name)
            return f'<span class="left-out">{said}</span>'
        size = "".join(f' {side}="{given[side]}"' for side in ("width", "height") if side in given)
        return f'<img src="{given["src"]}" alt="{name}"{size} loading="lazy" referrerpolicy="no-referrer">'

    return _IMAGE.sub(place, markup), pictures


def _name_picture(address: str) -> str:
    """The name of its file, else of its host."""
    name = normalise(unquote(urlsplit(address).path.rpartition("/")[2])) or host_of(address)
    return html.escape(shorten(name, _LONGEST_NAME))


def _name_link(link: re.Match[str]) -> str:
    """A link without text with the address of its video. Other such links are anchors, counters and buttons."""
    return f"{link[1]}{link[2].removeprefix('https://')}</a>" if is_video(link[2]) else link[3]


def _fit_headings(markup: str) -> str:
    """The article with headings from h3 on, each at most one level below the one before."""
    outer: list[int] = []
    opened: list[int] = []

    def fit(tag: re.Match[str]) -> str:
        if not tag[1]:
            level = int(tag[2])
            while outer and outer[-1] >= level:
                outer.pop()
            outer.append(level)
            opened.append(min(_FIRST_HEADING + len(outer) - 1, _LAST_HEADING))
            return f"<h{opened[-1]}>"
        return f"</h{opened.pop()}>"

    return _HEADING.sub(fit, markup)


def _make_scrollable(markup: str) -> str:
    """The article with code and tables, which may be wide, that the keyboard can scroll."""
    markup = markup.replace("<pre>", '<pre tabindex="0">')
    return markup.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
