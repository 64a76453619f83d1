"""HTML that parsers would need quadratic time for is rewritten; all other is left as it is."""

from __future__ import annotations

import nh3
import pytest

from aggregator.text.html import sanitise_html, text_of
from aggregator.text.nesting import flatten

#: Long HTML as real posts have it.
REGULAR = {
    "paragraphs": "<p>One <b>two</b>.</p>\n",
    "paragraphs without ends": "<p>One <b>two</b>.\n",
    "items without ends": "<li>One <b>two</b>\n",
    "lists in lists": "<ul><li>One<ul><li>two</ul><li>three</ul>",
    "terms without ends": "<dl><dt>One<dd>two<dt>three<dd>four</dl>",
    "cells without ends": "<table><tr><td>One<td>two<tr><td>three<th>four</table>",
    "brackets in values": '<p title="a > b"><img alt=\'</p> "\' src=https://a.example/a/>One</p>',
    "comments": "<!-- <div> --><p>One <!--> two</p>",
    "no tags": "<p>1 < 2 <3 <> </ p></p>",
    "upper case": "<P>One<BR>two</P>",
    "lone ends": "One</p>two</br>three</div>",
    "links without ends": '<p><a name="one">One<a href="https://a.example">two</a></p>',
}


@pytest.mark.parametrize("markup", REGULAR.values(), ids=REGULAR)
def test_html_of_many_elements_is_as_nh3_alone_writes_it(markup: str) -> None:
    assert flatten(markup * 1100) == markup * 1100
    # References in one text have the same rewritten.
    much = f"{markup * 1100}<p>{'R&D&nbsp;' * 2000}</p>"
    assert flatten(much) != much
    assert sanitise_html(much) == nh3.Cleaner(url_schemes={"http", "https", "mailto"}).clean(much)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div>one " * 3000 + "</div>" * 3000 + "<p>two</p>", "one " * 3000 + "two"),
        ("<div>" * 3000 + "<p>one</p><p>two <b>th</b>ree</p>" + "</div>" * 3000 + "<p>four", "one two three four"),
        ("<b><div>one</b> " * 3000, "one " * 3000),
        ("<svg><g/>one</svg> " * 3000, "one " * 3000),
        ("<table>" + "one <tr><td>two</td></tr>" * 3000 + "</table>three", "one two " * 3000 + "three"),
        (f'<p title="{"&" * 200_000}">one</p>', "one"),
    ],
    ids=["unclosed", "too deep", "crossed", "pictures", "outside cells", "long values"],
)
def test_no_word_is_lost_or_glued_to_another(markup: str, text: str) -> None:
    assert text_of(sanitise_html(markup)) == text.strip()
    assert flatten(markup) != markup


def test_what_a_script_holds_is_still_not_shown() -> None:
    assert "alert" not in sanitise_html("<div>" * 3000 + "<script>alert(1)</script><img src=x onerror=alert(1)>")
    assert "alert" not in sanitise_html("<div>" * 3000 + "one<script>alert('<p>')")
