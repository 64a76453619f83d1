"""Hints for notes: invented posts in both languages with what must be proposed, laws, and the time."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest.escape import escape_text
from aggregator.digest.hints.propose import MOST, add_hint, propose_hints
from aggregator.digest.notes import join_note
from aggregator.text.html import sanitise_html
from aggregator.text.paragraphs import Paragraph, name_links, read_paragraphs, split_sentences
from aggregator.types import Hint, HintCue, HintKind
from growth import find_growth
from world import make_post


class Case(NamedTuple):
    title: str
    html: str
    #: Kind and text, in their order.
    proposed: list[tuple[str, str]]
    links: tuple[str, ...] = ()
    language: str = "en"
    parts: str | None = None


CASES = {
    "a post of steps": Case(
        "Cutting the cost of serving by batching",
        """<p>Hello and welcome to our blog!</p><p>In this post we show how batching cut the cost of serving. It was fun.</p>
        <h2>1. Introduction</h2><p>Queues grew every week. Nobody liked that.</p>
        <h2>2. Batch the requests</h2><h3>2.1. In one queue</h3><p>Requests wait for each other in Triton and then go to PyTorch together.</p>
        <pre>cost = 60 % less, as this post shows in its code for serving</pre>
        <h2>3. Measure again</h2><p>The bill dropped by 60% and p99 latency fell from 900 ms to 210 ms.</p>
        <h2>Conclusion</h2><p>Subscribe to our newsletter to reduce your reading by 50% every day.</p>""",
        [
            ("idea", "In this post we show how batching cut the cost of serving."),
            ("steps", "① Batch the requests ② Measure again"),
            ("names", "Triton, PyTorch"),
            ("result", "The bill dropped by 60% and p99 latency fell from 900 ms to 210 ms."),
        ],
    ),
    "the same in Korean, a later part": Case(
        "배치로 서빙 비용 줄이기 2편",
        """<p>안녕하세요, 하늘상점 ML 팀의 김하늘입니다.</p><p>이번 글에서는 요청을 모아 서빙 비용을 줄인 과정을 소개합니다. 하지만 쉽지 않았습니다.</p>
        <h2>들어가며</h2><p>요청이 매주 늘고 있었고 아무도 반기지 않았습니다.</p><h2>요청 모으기</h2><p>모은 요청은 Triton이 받아 PyTorch로 보냅니다.</p>
        <h2>다시 재기</h2><p>그 결과 비용이 60% 줄었고 지연 시간은 4배 빨라졌습니다.</p><h2>마치며</h2>
        <p>하늘상점은 함께할 동료를 채용하고 있으니 3분만 시간을 내어 지원해 주세요.</p>""",
        [
            ("parts", "[1편](https://tech.haneul.example/1)도 읽어보세요."),
            ("idea", "이번 글에서는 요청을 모아 서빙 비용을 줄인 과정을 소개합니다."),
            ("steps", "① 요청 모으기 ② 다시 재기"),
            ("names", "Triton, PyTorch"),
            ("result", "그 결과 비용이 60% 줄었고 지연 시간은 4배 빨라졌습니다."),
        ],
        language="ko",
        parts="[1편](https://tech.haneul.example/1)도 읽어보세요.",
    ),
    "a numbered list, and links by their words or their names": Case(
        "Larkspur, a library for queues",
        """<p>Larkspur is an open-source library that keeps queues short, e.g. at night.</p>
        <ol><li><p>Count the tasks</p><p>More of it.</p></li><li>Sort them<ul><li>by age</li></ul></li><li>Wait</li></ol>
        <p>The <a href="https://github.com/haneul/Larkspur">code</a>, <a href="https://huggingface.co/datasets/haneul/night">
        Night Queues</a> and the <a href="https://arxiv.org/abs/2212.01234">paper</a> are open. What do you think of queues?</p>""",
        [
            ("idea", "Larkspur is an open-source library that keeps queues short, e.g. at night."),
            ("steps", "① Count the tasks ② Sort them ③ Wait"),
            (
                "links",
                "[Larkspur](https://github.com/haneul/Larkspur), [Night Queues](https://huggingface.co/datasets/haneul/night),"
                " [paper](https://arxiv.org/abs/2212.01234)",
            ),
        ],
        ("https://arxiv.org/abs/2212.01234", "https://github.com/haneul/Larkspur", "https://huggingface.co/datasets/haneul/night"),
    ),
    "one line without HTML's help": Case(
        "밤 배치 줄이기",
        "<p>밤 배치가 두 시간을 넘기기 시작했습니다. 작년 3월 2일의 일입니다. 인덱스를 다시 짜서 배치가 3배 빨라졌습니다. 고맙습니다.</p>",
        [
            ("idea", "밤 배치가 두 시간을 넘기기 시작했습니다."),
            ("result", "인덱스를 다시 짜서 배치가 3배 빨라졌습니다."),
        ],
        language="ko",
    ),
    "signs of Markdown are escaped": Case(
        "Stars",
        "<p>In this post we release the *stars* of [the shop], all a_b of them.</p>",
        [("idea", "In this post we release the \\*stars\\* of \\[the shop\\], all a_b of them.")],
    ),
    "the same said twice": Case(
        "Cheap nights",
        "<p>Our nights got cheaper by 40% with one index.</p><p>As a result nights got cheaper by 40% with our one index.</p>",
        [("result", "Our nights got cheaper by 40% with one index.")],
    ),
    "references are no links, and the title's own words no sentence": Case(
        "Reading the papers of one long year",
        "<h1>Papers</h1><h3>2.1. In 2.0 words</h3><h3>2.2 Or more</h3><h3>Or less</h3><p>Reading the papers of one long year.</p><p>Ok.</p>",
        [("steps", "① In 2.0 words ② Or more")],
        tuple(f"https://arxiv.org/abs/2212.0000{number}" for number in range(3)),
    ),
    "nothing to say": Case("Notes", "<p>Some words about the weather, and nothing else of any interest.</p><p>Ok.</p>", []),
}  # fmt: skip


def propose(case: Case) -> tuple[Hint, ...]:
    post = make_post(title=case.title, links=case.links, language=case.language)
    markup = sanitise_html(case.html)
    return propose_hints(post, read_paragraphs(markup), name_links(markup), case.parts)


@pytest.mark.parametrize("name", CASES)
def test_what_a_post_offers_for_its_note(name: str) -> None:
    case = CASES[name]
    hints = propose(case)
    assert [(hint.kind, hint.text) for hint in hints] == case.proposed
    languages = {hint.language for hint in hints if hint.kind in {HintKind.IDEA, HintKind.RESULT}}
    assert languages <= {case.language}


def test_a_sentence_is_offered_with_its_reasons() -> None:
    result = propose(CASES["a post of steps"])[-1]
    assert dict(result.why) == {HintCue.OUTCOME: ("dropped", "fell"), HintCue.FIGURES: ("60%", "900 ms", "210 ms")}


SENTENCES = [
    ("One. Two! Three? “Four.” (Five.) Six", ["One.", "Two!", "Three?", "“Four.”", "(Five.)", "Six"]),
    ("See Fig. 2 by A. Kim et al. Then v1.5 of it.", ["See Fig. 2 by A. Kim et al. Then v1.5 of it."]),
    ("하나입니다. 둘이에요! Three.", ["하나입니다.", "둘이에요!", "Three."]),
    ("一つ。二つ。", ["一つ。", "二つ。"]),
]


@pytest.mark.parametrize(("text", "sentences"), SENTENCES)
def test_a_text_is_split_into_sentences(text: str, sentences: list[str]) -> None:
    assert list(split_sentences(text)) == sentences


_PIECES = st.sampled_from([
    "<p>", "</p>", "<h2>", "</h2>", "<ol>", "<li>", "</ol>", "<td>", "1. ", "In this post ", "60% ", "배치가 빨라졌습니다. ", "Triton ",
    "Done. ", "```", "* ", "# ", "<!-- ", "[", "`", "\\", '<a href="https://github.com/a/b">', "</a>",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_what_is_offered_is_of_the_post_and_fits_any_note(markup: str) -> None:
    clean = sanitise_html(markup)
    post = make_post(links=("https://github.com/a/b",))
    hints = propose_hints(post, paragraphs := read_paragraphs(clean), name_links(clean))
    text = " ".join(escape_text(one.text) for one in paragraphs)
    order = [list(HintKind).index(hint.kind) for hint in hints]
    assert len(hints) <= MOST
    assert order == sorted(order)
    for hint in hints:
        assert not hint.why or hint.text in text
        assert join_note(add_hint("Mine.", hint.text)) == f": Mine. {hint.text}"


def test_of_a_very_long_text_the_beginning_is_read() -> None:
    markup = f"<p>Begun.</p><p>{'가' * 199_000}</p><p>{'나' * 2_000}</p>"
    assert [one.text[:6] for one in read_paragraphs(markup)] == ["Begun.", "가" * 6]


NOTES = [("", "x"), ("Mine.", "Mine. x"), ("Mine. ", "Mine. x"), ("Mine.\n  ", "Mine.\n  x")]


@pytest.mark.parametrize(("note", "after"), NOTES)
def test_a_hint_goes_behind_the_note(note: str, after: str) -> None:
    assert add_hint(note, "x") == after


@pytest.mark.parametrize(
    "piece", ["In this post. ", "3. ", "A. ", "60% ", "Triton ", '."', "배치가 ", "Step 1: ", "* "]
)
def test_the_time_is_linear(piece: str) -> None:
    post = make_post()
    assert find_growth(lambda text: propose_hints(post, [Paragraph("p", text)], {}), "", piece, "") is None
    assert find_growth(lambda text: propose_hints(post, [Paragraph("h2", text)], {}), "", piece, "") is None
    assert find_growth(lambda text: read_paragraphs(f"<ol><li>{text}"), "", f"{piece}<li>", "") is None
