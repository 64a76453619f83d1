"""Approved candidates become lines; what would break the page is refused by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregator.digest.compose import compose_digest, compose_line
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest, render_line
from aggregator.exceptions import DigestError
from aggregator.shipped import SHIPPED
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Kind,
    Line,
    Month,
    Post,
    Texts,
    Verdict,
)
from world import NOW, make_guess, make_post
from world.sections import AWS, BUSINESS, CV, MLOPS, NLP, RECSYS, RESEARCH

TEXTS = Texts(
    head="# Our Digest\n\n",
    parts={RESEARCH: "Science", BUSINESS: "Practice", AWS: "Clouds"},
    topics={CV: "Seeing", NLP: "Reading", RECSYS: "Choosing", MLOPS: "Running"},
)


def _write(number: int = 1, **changes: Any) -> Post:
    values = {
        "title": f"Post {number}",
        "url": f"https://post.example/{number}",
        "language": "en",
        "organisation": "Acme",
    }
    return make_post(number, **values | changes)


def _decide(
    post: Post | None = None,
    guessed: str | None = "2.4",
    decision: Decision | None = Decision.APPROVE,
    **corrections: Any,
) -> Candidate:
    post = post or _write()
    section = SHIPPED.parse_section(guessed) if guessed else None
    return Candidate(
        post=post,
        guess=make_guess(post.id, section.part, section.topic) if section else None,
        verdict=Verdict(post.id, decision, "curator", NOW) if decision else None,
        correction=Correction(post.id, "curator", NOW, **corrections) if corrections else None,
    )


def print_line(candidate: Candidate) -> str:
    return render_line(compose_line(candidate))


class TestWhatIsPrinted:
    def test_only_what_was_approved(self) -> None:
        decisions = [*Decision, None]
        candidates = [_decide(_write(i), decision=decision) for i, decision in enumerate(decisions)]
        digest = compose_digest(candidates, TEXTS)
        assert [line.title for line in digest.lines] == [f"Post {decisions.index(Decision.APPROVE)}"]
        assert digest.texts is TEXTS

    def test_nothing_approved_is_an_empty_digest(self) -> None:
        assert compose_digest([], TEXTS).lines == ()
        assert compose_digest([_decide(guessed=None, decision=Decision.HOLD)], TEXTS).lines == ()

    def test_lines_stand_in_the_order_of_the_page(self) -> None:
        candidates = [
            _decide(_write(1, title="Beta"), "2.4"),
            _decide(_write(2, title="Old", month=Month(2022, 10)), "2.4"),
            _decide(_write(3, title="Aws"), "3.1"),
            _decide(_write(4, title="한글"), "2.4"),
            _decide(_write(5, title="Alpha"), "2.4", title="*alpha*"),
            _decide(_write(6, title="Research"), "1.2"),
        ]
        titles = [line.title for line in compose_digest(candidates, TEXTS).lines]
        assert titles == ["Research", "한글", "*alpha*", "Beta", "Old", "Aws"]
        assert [line.title for line in compose_digest(candidates[::-1], TEXTS).lines] == titles

    @pytest.mark.parametrize(
        ("first", "second", "title"),
        [
            ({}, {}, "Post 1"),
            ({}, {"note": "a note"}, "Post 2"),
            ({"note": "a note"}, {"note": "another"}, "Post 1"),
        ],
    )
    def test_one_address_is_printed_once_with_its_note(
        self, first: dict[str, Any], second: dict[str, Any], title: str
    ) -> None:
        candidates = [
            _decide(_write(1, url="https://same.example/a b"), **first),
            _decide(_write(2, url="https://same.example/a%20b"), **second),
        ]
        (line,) = compose_digest(candidates, TEXTS).lines
        assert (line.title, line.url) == (title, "https://same.example/a%20b")


class TestLine:
    def test_without_corrections_the_post_speaks(self) -> None:
        assert compose_line(_decide()) == Line(
            SHIPPED.parse_section("business/mlops"), "Post 1", "https://post.example/1", Month(2022, 12), "Acme", ""
        )

    def test_corrections_win(self) -> None:
        candidate = _decide(
            section=SHIPPED.parse_section("research/cv"),
            title="*Better*",
            month=Month(2022, 11),
            organisation="Bcme",
            note="짧게",
        )
        assert print_line(candidate) == "* [*Better* (Nov 2022, Bcme)](https://post.example/1): 짧게"
        assert compose_line(candidate).section == SHIPPED.parse_section("research/cv")

    def test_the_classifier_need_not_have_spoken(self) -> None:
        candidate = _decide()
        candidate = replace(
            candidate, guess=None, correction=Correction(1, "curator", NOW, section=SHIPPED.parse_section("aws/cv"))
        )
        assert compose_line(candidate).section == SHIPPED.parse_section("aws/cv")

    @pytest.mark.parametrize(
        ("section", "changes", "correction", "organisation"),
        [
            ("2.4", {}, None, "Acme"),
            ("2.4", {"organisation": None}, None, None),
            ("2.4", {"organisation": " "}, None, None),
            ("2.4", {"kind": Kind.INDIVIDUAL}, None, None),
            ("2.4", {"kind": Kind.INDIVIDUAL}, "Acme Lab", "Acme Lab"),
            ("2.4", {"kind": Kind.AWS, "organisation": "Amazon"}, None, "Amazon"),
            ("2.4", {"kind": None}, None, "Acme"),
            ("2.4", {}, "", None),
            ("2.4", {}, "  ", None),
            ("2.4", {}, "Bcme", "Bcme"),
            ("3.4", {"kind": Kind.AWS, "organisation": "Amazon"}, None, None),
            ("3.4", {}, None, None),
            ("3.4", {}, "", None),
            ("3.4", {}, "Amazon", "Amazon"),
            ("2.4", {}, "Acme (Seoul)", "Acme (Seoul)"),
            ("2.4", {"organisation": "[A] :)"}, None, r"\[A\] :\)"),
            ("2.4", {}, "**Acme** [KR]\nSeoul", "**Acme** [KR] Seoul"),
            ("2.4", {}, r"Acme :\)", r"Acme :\)"),
            ("2.4", {}, "Acme :)", r"Acme :\)"),
            ("2.4", {}, "a) (b", r"a\) \(b"),
            ("2.4", {}, "Acme\\", "Acme\\\\"),
            ("2.4", {}, "Acme [KR", r"Acme \[KR"),
        ],
    )
    def test_the_organisation(
        self, section: str, changes: dict[str, Any], correction: str | None, organisation: str | None
    ) -> None:
        corrections: dict[str, Any] = {} if correction is None else {"organisation": correction}
        line = compose_line(_decide(_write(**changes), section, **corrections))
        assert line.organisation == organisation

    @pytest.mark.parametrize(
        ("title", "printed"),
        [
            ("[AI] Cats & *Dogs*", r"\[AI\] Cats & \*Dogs\*"),
            ("two\nlines  here ", "two lines here"),
            ("Already (Dec 2021, Elsewhere)", "Already (Dec 2021, Elsewhere)"),
        ],
    )
    def test_the_title_of_a_post_shows_as_it_is(self, title: str, printed: str) -> None:
        assert compose_line(_decide(_write(title=title))).title == printed

    @pytest.mark.parametrize(
        ("title", "printed"),
        [
            ("*GPT* & **Tool**: `x[0]`", "*GPT* & **Tool**: `x[0]`"),
            ("[Paper] Cats", "[Paper] Cats"),
            (r"Half \[ open", r"Half \[ open"),
            ("Code `]` is not a bracket", "Code `]` is not a bracket"),
            ("H<sub>2</sub>O < CO2", "H<sub>2</sub>O < CO2"),
            ("Icon ![i](i.png) here", "Icon ![i](i.png) here"),
            (" two\r\nlines ", "two lines"),
            ("  ", "Post 1"),
            ("", "Post 1"),
        ],
    )
    def test_the_curator_s_title_is_left_alone(self, title: str, printed: str) -> None:
        assert compose_line(_decide(title=title)).title == printed


class TestNote:
    @pytest.mark.parametrize(
        ("note", "tail"),
        [
            (None, ""),
            ("", ""),
            (" \n ", ""),
            ("짧은 노트", ": 짧은 노트"),
            ("trailing spaces  ", ": trailing spaces  "),
            ("two\nlines", ": two\nlines"),
            ("browser\r\nline ends\rhere\r\n", ": browser\nline ends\nhere"),
            ("\non the next line", "\non the next line"),
            ("\n\na paragraph", "\n\na paragraph"),
            ("  * one\n  * two", "\n  * one\n  * two"),
            ("  - one\n    - two", "\n  - one\n    - two"),
            ("  1. one", "\n  1. one"),
            ("```\n## code\n* [a](b)\n```", "\n```\n## code\n* [a](b)\n```"),
            ("text\n```\n## code\n```\nmore", ": text\n```\n## code\n```\nmore"),
            ("*기울임*으로 시작", ": *기울임*으로 시작"),
            ("# one", ": # one"),
            ("![chart](./chart.png)", ": ![chart](./chart.png)"),
            (": joined already", ": joined already"),
            ("line\n\n\n", ": line"),
            ("line<br>\n<b>bold</b>\n  <img src=i.png>", ": line<br>\n<b>bold</b>\n  <img src=i.png>"),
            ("\n  <div>x</div>", "\n  <div>x</div>"),
            ("\n<div>x</div>\n\nafter", "\n<div>x</div>\n\nafter"),
            ("\n<!--\n* kept for later\n-->", "\n<!--\n* kept for later\n-->"),
            ("\n<pre>\n  code\n</pre>", "\n<pre>\n  code\n</pre>"),
        ],
    )
    def test_how_it_joins_its_line(self, note: str | None, tail: str) -> None:
        assert compose_line(_decide(note=note)).note == tail

    @pytest.mark.parametrize(
        ("note", "reason"),
        [
            ("a\n* [B (Dec 2022)](https://b.example/)", "which would be a line of its own"),
            ("a\n* plain", "which would be a line of its own"),
            ("a\n*", "which would be a line of its own"),
            ("a\n*[B (Dec 2022)](https://b.example/)", "which would be a line of its own"),
            ("a\n- [B (Dec 2022)](https://b.example/)", "which would be a line of its own"),
            ("\n* [B](https://b.example/)", "which would be a line of its own"),
            ("a\r* [B](https://b.example/)", "which would be a line of its own"),
            ("a\n## 2. Business", "a heading, “## 2. Business”"),
            ("a\n# Big", "a heading"),
            ("a\n #### Small", "a heading"),
            ("a\n##2. Business", "a heading"),
            ("```\nnever closed", "does not close it"),
            ("a\n```\nb", "does not close it"),
            ("a\n~~~\nb\n```", "does not close it"),
            ("a\n````\nb\n```", "does not close it"),
            ("a\n  ```\n  b", "does not close it"),
            ("a\n  ```\n* [B](https://b.example/)\n  ```", "does not close it"),
            ("a\n<!-- b", "does not close it"),
            ("a\n  <!-- b", "does not close it"),
            ("a\n<div>b</div>", "the note contains HTML, “<div>b</div>”"),
            ("a\n</details>\nb", "the note contains HTML"),
            ("a\n<pre>\n\nb", "the note contains HTML"),
            ("a\n\n<b>", "the note contains HTML"),
            ("a\n<img src=i.png>", "the note contains HTML, “<img src=i.png>”"),
            ("```\na\n```\n<b>", "the note contains HTML"),
            ("a\n<div>\n```\n\n* [b](c)", "which would be a line of its own"),
            ("a\n<div>\n```\n\n* [b](c)\n```", "does not close it"),
        ],
    )
    def test_it_cannot_swallow_the_page(self, note: str, reason: str) -> None:
        with pytest.raises(DigestError) as caught:
            compose_digest([_decide(note=note)], TEXTS)
        assert str(caught.value).startswith("“Post 1” cannot be printed: the note ")
        assert reason in str(caught.value)


class TestRefusals:
    @pytest.mark.parametrize(
        ("candidate", "reason"),
        [
            (_decide(guessed=None), "it has no section"),
            (_decide(title="[AI Cats"), "the title “[AI Cats” would break the link: its brackets"),
            (_decide(title="AI] Cats"), "the title “AI] Cats” would break the link: its brackets"),
            (_decide(title="]AI["), "the title “]AI[” would break the link: its brackets"),
            (_decide(title="open ` code"), "the title “open ` code” would break the link: its backticks"),
            (_decide(title="a <!-- b"), "the title “a <!-- b” would break the link: it opens an HTML tag"),
            (_decide(title="a <b"), "the title “a <b” would break the link: it opens an HTML tag"),
            (
                _decide(title="[a](https://a.example/)"),
                "the title “[a](https://a.example/)” would break the link: it contains",
            ),
            (
                _decide(title="[" * 21 + "a](b)" + "]" * 20),
                f"the title “{'[' * 21}a](b){']' * 20}” would break the link: it contains",
            ),
            (
                _decide(title="<https://a.example/>"),
                "the title “<https://a.example/>” would break the link: it contains",
            ),
            (_decide(_write(url="javascript:alert(1)")), "the address 'javascript:alert(1)' is not an http"),
            (_decide(_write(url="")), "the address '' is not an http"),
        ],
    )
    def test_the_post_is_named_with_the_reason(self, candidate: Candidate, reason: str) -> None:
        with pytest.raises(DigestError) as caught:
            compose_digest([candidate], TEXTS)
        assert str(caught.value).startswith(f"“Post 1” cannot be printed: {reason}")

    def test_a_post_without_a_title_is_named_by_its_address(self) -> None:
        with pytest.raises(DigestError, match=r"“https://post\.example/1” cannot be printed: it has no title"):
            compose_digest([_decide(_write(title=" "))], TEXTS)

    @pytest.mark.parametrize(
        ("title", "corrected", "printed"),
        [
            ("\u202eDesrever title", None, "Desrever title"),
            ("Half open \u2067 isolate", None, "Half open isolate"),
            ("مرحبا segmentation", None, "مرحبا segmentation"),
            ("Post", "\u202e*Desrever* title", "*Desrever* title"),
            ("Post", "\u1112\u1161\u1102\u1173\u11af\u200b 모델", "하늘 모델"),
            ("Post", "\u200b", "Post"),
        ],
    )
    def test_no_character_turns_the_line_round_or_hides(self, title: str, corrected: str | None, printed: str) -> None:
        assert compose_line(_decide(_write(title=title), title=corrected)).title == printed

    def test_an_organisation_is_cleaned_as_titles_are(self) -> None:
        name = "\u202e\u1112\u1161\u1102\u1173\u11af"
        assert compose_line(_decide(organisation=name)).organisation == "하늘"
        assert compose_line(_decide(_write(organisation=name))).organisation == "하늘"

    def test_a_note_keeps_every_byte_but_what_turns_its_line_round(self) -> None:
        note = ": e\u0301  \u1112\u1161\u200b\u00ad\n  * 더"
        assert compose_line(_decide(note=f"\u202e{note}\u2066")).note == note

    def test_all_that_cannot_be_printed_is_said_at_once(self) -> None:
        candidates = [
            _decide(_write(1), None),
            _decide(_write(2)),
            _decide(_write(3), None),
        ]
        with pytest.raises(DigestError) as caught:
            compose_digest(candidates, TEXTS)
        assert [message[:8] for message in str(caught.value).split("\n")] == ["“Post 1”", "“Post 3”"]


def test_what_was_composed_reads_back() -> None:
    candidates = [_decide(_write(i), f"{i % 3 + 1}.{i % 4 + 1}", note="  * nested" * (i % 2)) for i in range(12)]
    digest = compose_digest(candidates, TEXTS)
    result = read_digest(render_digest(digest), TEXTS)
    assert (result.digest, result.remarks) == (digest, ())
