"""What GitHub shows of Markdown, by its own parser; it judges what we print and how we read."""

from __future__ import annotations

import re
from html import unescape

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options


def show(markdown: str) -> str:
    """The HTML. Each block says the lines and columns where it stands."""
    return github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_SOURCEPOS)


def list_links(markdown: str) -> list[str]:
    """The addresses of all links, in order."""
    return [unescape(address) for address in re.findall(r'<a href="([^"]*)"', show(markdown))]


def list_bullets(markdown: str) -> list[int]:
    """The numbers of the lines, from 1, where a bullet begins that stands in no other."""
    return [int(number) for number in re.findall(r'^<li data-sourcepos="(\d+):1-', show(markdown), re.MULTILINE)]
