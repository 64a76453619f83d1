"""A page is shown as GitHub shows it; GitHub's parser is the judge, but for emoji, which GitHub puts in after it."""

from __future__ import annotations

import re

import pytest

from aggregator.digest.github import show_as_github
from github import show

_OURS = re.compile(r' target="_blank"| rel="noopener noreferrer"| data-sourcepos="[^"]*"| /(?=>)')


def simplify(html: str) -> str:
    html = _OURS.sub("", html).replace("&quot;", '"').replace("&#x27;", "'").replace("%E3%85%8B", "ㅋ")
    return re.sub(r"<(/?)del>", r"<\1s>", html).strip()


@pytest.mark.parametrize(
    "markdown",
    [
        "| a | b |\n|---|---|\n| 1 | `2` |",
        "~~gone~~ and ~one~, but ~~~three~~~ stay, 1~2",
        "see https://x.example/a_(b), or (https://x.example/c).",
        "www.x.example! http://localhost/a",
        "https://x.example/&lt; https://x_y.example https://a.x_y/",
        "-https://x.example/ and*https://x.example/ㅋ* xwww.x.example",
        "[https://x.example/](https://y.example/) `https://x.example`",
        "https://x.example/a'b\" http:// https://.a",
        "1. one\n2. two\n   * https://x.example",
    ],
)
def test_what_github_adds_to_markdown_is_shown(markdown: str) -> None:
    assert simplify(show_as_github(markdown)) == simplify(show(markdown))


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        (":tada: `:tada:` :no_such_thing: 12:30:45", "<p>🎉 <code>:tada:</code> :no_such_thing: 12:30:45</p>"),
        ("<span>:</span>tada: $x$", "<p><span>:</span>tada: $x$</p>"),
        (":+1::kr::octocat:", "<p>👍🇰🇷:octocat:</p>"),
        ("# One\n##### Two", "<h3>One</h3>\n<h6>Two</h6>"),
        ("<b onclick=x>b</b><script>x</script>", "<p><b>b</b></p>"),
        ("![a](https://x.example/a.png)", '<p><span class="picture">picture https://x.example/a.png</span></p>'),
    ],
)
def test_emoji_and_what_our_page_may_show(markdown: str, shown: str) -> None:
    assert show_as_github(markdown).strip() == shown
