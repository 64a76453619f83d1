"""Mistakes of a published page: each is found on its line, and cured if there is only one way to."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.settings import SHIPPED_TEXTS
from aggregator.digest.lint import Known, Rule, fix_page, lint_page
from aggregator.exceptions import DigestError
from aggregator.locales import speaking
from aggregator.types import Extent, Month
from growth import LINEAR, measure_doubling

KNOWN = Known(Month(2026, 11))

CLEAN = """\
# Posts

## 1. Research
### 1.1. CV
* [First Sight (Nov 2026, Lumen)](https://lumen.example/first)
* [Looking Twice (Oct 2026, Lumen)](https://lumen.example/twice): a note
  * below it
* [Three Eyes (Oct 2026)](https://one.example/2026/10/eyes)

## 3. AWS ML Only
### 3.4. Training, Inference and MLOps
* [Warm Pools (Sep 2026)](https://aws.example/pools)
"""

# In the clean page "old" becomes "new": the line, the rule, what is said of it, and whether there is a fix that gives
# the clean page back.
MISTAKES = {
    "a heading without its dot": ("## 1. R", "## 1 R", 3, Rule.HEADING, "should be “## 1. Research”", True),
    "a heading of a section without its dot": ("### 1.1. CV", "### 1.1 CV", 4, Rule.HEADING, "“### 1.1. CV”", True),
    "a typo in the year": ("Twice (Oct 2026", "Twice (Oct 2006", 6, Rule.MONTH, "Oct 2006 is far from", True),
    "a year to come": ("Sight (Nov 2026", "Sight (Nov 2027", 5, Rule.MONTH, "Nov 2027 is far from", True),
    "a month that is not the address's": ("Eyes (Oct", "Eyes (Sep", 8, Rule.MONTH, "address says Oct 2026", True),
    "a label in another form": ("(Oct 2026, Lumen", "(October 2026, Lumen", 6, Rule.LABEL, "“Oct 2026”", True),
    "no month": (" (Sep 2026)", "", 12, Rule.LABEL, "does not name a month", False),
    "no organisation": (
        "* [Three", "* [Fore (Oct 2026)](https://lumen.example/four)\n* [Three", 8, Rule.ORGANISATION, "name Lumen", False),
    "an organisation in a part without": ("(Sep 2026)", "(Sep 2026, AWS)", 12, Rule.ORGANISATION, "this part do not", True),
    "two slashes in the address": ("example/first", "example//first", 5, Rule.ADDRESS, "lumen.example/first", True),
    "the view for phones": ("example/twice", "example/twice?m=1", 6, Rule.ADDRESS, "lumen.example/twice", True),
    "where the reader came from": ("/pools", "/pools?utm_source=x", 12, Rule.ADDRESS, "aws.example/pools", True),
    "not an address": ("https://aws.example/pools", "pools", 12, Rule.ADDRESS, "not an http", False),
    "a space at the end": ("example/first)", "example/first) ", 5, Rule.SPACES, "stray spaces", True),
    "two spaces in the title": ("First Sight", "First  Sight", 5, Rule.SPACES, "stray spaces", True),
    "a space before the address": ("Eyes (Oct 2026)]", "Eyes (Oct 2026) ]", 8, Rule.SPACES, "stray spaces", True),
    "emphasis left open": ("[Warm", "[**Warm", 12, Rule.MARKUP, "Emphasis in the title", False),
    "a backtick left open": ("[Warm", "[`Warm", 12, Rule.MARKUP, "backticks", False),
    "a bracket left open": ("[Warm", "[[Warm", 12, Rule.MARKUP, "brackets", False),
    "a note that opens code": ("  * below it", "  ```", 6, Rule.MARKUP, "opens a code fence", False),
    "no link": ("[Warm Pools (Sep 2026)](https://aws.example/pools)", "Warm Pools", 12, Rule.MARKUP, "no link", False),
    "the same post twice": (
        "* [Three", "* [Sight (Oct 2026, Lumen)](http://www.lumen.example/first/)\n* [Three",
        8, Rule.DUPLICATE, "line 5", False),
    "an empty section": ("## 3.", "### 1.2. NLP\n\n## 3.", 10, Rule.EMPTY, "No line follows", True),
    "text between": ("### 1.1. CV\n", "### 1.1. CV\nWords.\n", 5, Rule.PLACE, "belongs to no line", False),
    "a section twice": (
        "## 3.", "### 1.1. CV\n* [Zoo (Jan 2026)](https://zoo.example/zoo)\n\n## 3.", 10, Rule.HEADING, "on line 4", False),
}  # fmt: skip


def test_a_clean_page_has_no_finding() -> None:
    assert lint_page(CLEAN, SHIPPED_TEXTS, KNOWN) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CR LF"])
@pytest.mark.parametrize(("old", "new", "number", "rule", "said", "is_cured"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found_on_its_line(
    old: str, new: str, number: int, rule: Rule, said: str, is_cured: bool, end: str
) -> None:
    page = CLEAN.replace(old, new, 1).replace("\n", end)
    found = [(one.number, one.rule) for one in lint_page(page, SHIPPED_TEXTS, KNOWN)]
    assert (number, rule) in found
    assert said in next(one.sentence for one in lint_page(page, SHIPPED_TEXTS, KNOWN) if one.rule is rule)
    if is_cured:
        assert fix_page(page, SHIPPED_TEXTS, KNOWN) == CLEAN.replace("\n", end)


def test_a_mistake_is_told_in_the_language_of_whoever_looks() -> None:
    page = CLEAN.replace("[Warm", "[[Warm", 1)
    for language, said in {"en": "brackets or backticks", "ko": "대괄호나 백틱"}.items():
        with speaking(language):
            assert said in next(
                one.sentence for one in lint_page(page, SHIPPED_TEXTS, KNOWN) if one.rule is Rule.MARKUP
            )


def test_lines_out_of_order_go_where_they_belong() -> None:
    first = CLEAN.splitlines(keepends=True)[4]
    page = CLEAN.replace(first, "").replace("* [Three", f"{first}* [Three")
    (finding,) = lint_page(page, SHIPPED_TEXTS, KNOWN)
    assert (finding.number, finding.rule, finding.sentence) == (5, Rule.ORDER, "By the order, it belongs above line 8.")
    assert fix_page(page, SHIPPED_TEXTS, KNOWN) == CLEAN


def test_a_fix_of_one_line_leaves_the_others() -> None:
    page = CLEAN.replace("example/first", "example//first").replace("example/twice", "example//twice")
    fixed = fix_page(page, SHIPPED_TEXTS, KNOWN, [6])
    assert fixed == CLEAN.replace("example/first", "example//first")


def test_two_mistakes_of_one_line_are_cured() -> None:
    page = CLEAN.replace("First Sight (Nov 2026", "First  Sight (Nov 2027").replace("example/first", "example//first")
    assert fix_page(page, SHIPPED_TEXTS, KNOWN) == CLEAN


def test_what_is_known_besides_the_page() -> None:
    printed = {"https://aws.example/pools": Extent(Month(2026, 8))}
    known = Known(KNOWN.present, printed, {"https://lumen.example/first": "*First* Sight"})
    found = [(one.number, one.sentence) for one in lint_page(CLEAN, SHIPPED_TEXTS, known)]
    assert found == [
        (5, "House style has “*First* Sight”."),
        (12, "It was printed in the digest of Aug 2026."),
    ]


def test_a_page_with_headings_of_its_own_keeps_them() -> None:
    assert lint_page(CLEAN.replace("Research", "Papers"), SHIPPED_TEXTS, KNOWN) == []


def test_a_page_that_hides_its_rest_is_refused_with_its_line() -> None:
    with pytest.raises(DigestError, match="line 5: the code fence"):
        lint_page(CLEAN.replace("* [First", "```\n* [First"), SHIPPED_TEXTS, KNOWN)


def test_the_known_mistakes_of_the_real_page(shared: Path) -> None:
    page = (shared / "digest/README-2023-01.md").read_bytes().decode()
    known = Known(Month(2023, 1))
    found = [(one.number, one.rule) for one in lint_page(page, SHIPPED_TEXTS, known)]
    assert found == [
        (10, Rule.ADDRESS),
        (12, Rule.ADDRESS),
        (16, Rule.ADDRESS),
        (25, Rule.MONTH),
        (45, Rule.SPACES),
        (51, Rule.ORGANISATION),
        (82, Rule.SPACES),
    ]
    assert lint_page(fix_page(page, SHIPPED_TEXTS, known), SHIPPED_TEXTS, known) == []


def test_a_long_page_takes_time_in_proportion() -> None:
    def check(number: int) -> None:
        lines = [f"* [P{at} (Oct 2026)](https://p{at}.example/{at})\n" for at in range(number)]
        lint_page(CLEAN + "".join(reversed(lines)), SHIPPED_TEXTS, KNOWN)

    assert measure_doubling(check, 300) < LINEAR
