"""What is read in the sanitised HTML of an entry: prose, links, pictures, code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.parse import parse_document
from aggregator.text.content import Content, count_words, cut_appendix, read_content
from aggregator.text.html import sanitise_html, text_of


def _read(markup: str) -> Content:
    return read_content(sanitise_html(markup))


def test_code_is_no_text_but_is_counted() -> None:
    content = _read(
        "<p>먼저 <code>train.py</code> 를 봅니다.</p>"
        '<pre class="python"><code>import torch\n\nfrom x import y  # &lt;b&gt;\n</code></pre><p>끝.</p><pre>pip install x</pre>'
    )
    assert content.text == "먼저 train.py 를 봅니다. 끝."
    assert (content.code_blocks, content.code_lines) == (2, 3)
    assert content.words == 5


def test_line_numbers_are_no_code_and_line_breaks_are() -> None:
    content = _read(
        "<table><tr><td><pre>1\n2\n3</pre></td><td><pre><div>a = 1<br>b = 2</div><div>c</div></pre></td></tr></table>"
    )
    assert (content.code_blocks, content.code_lines) == (1, 3)


def test_a_text_of_nothing_but_what_a_feed_appends_is_none() -> None:
    assert _read("<p><a href='https://medium.com/p/1'>Continue reading on »</a></p>").text == ""


def test_a_text_of_nothing_but_code_is_a_text() -> None:
    assert _read("<pre>Fix the parser\n\nIt was wrong.</pre>").text == "Fix the parser It was wrong."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two three", 3),
        ("추천 시스템을 만들었습니다", 3),
        ("機械学習の話", 3),
        ("Kubernetes で学ぶ 機械学習。", 1 + 2 + 3),
        ("PyTorch 用 GPU を使う", 2 + 1 + 2),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        ('<a href="https://a.example/?x=1&amp;y=2">a</a><a href="/rel">b</a>', ["https://a.example/?x=1&y=2"]),
        ("<p>Code: https://github.com/owner/tool.</p>", ["https://github.com/owner/tool"]),
        ("<p>코드는 https://github.com/owner/tool에 있습니다</p>", ["https://github.com/owner/tool"]),
        ("<p>(see http://blog.site/a_(b))</p>", ["http://blog.site/a_(b)"]),
        ("<p>(see http://blog.site/a)</p>", ["http://blog.site/a"]),
        ("<p>https://ko.wiki.site/위키/대한민국 참고</p>", ["https://ko.wiki.site/위키/대한민국"]),
        ("<p>Weights at huggingface.co/owner/model, code at github.com/owner/tool</p>",
         ["https://huggingface.co/owner/model", "https://github.com/owner/tool"]),
        ("<p>not in notgithub.com/owner/tool nor me@github.com/a</p>", []),
        ("<p>Shazeer, arXiv preprint arXiv:2101.03961 (2021)</p>", ["https://arxiv.org/abs/2101.03961"]),
        ("<pre>git clone https://github.com/owner/tool.git\ncd tool</pre>", ["https://github.com/owner/tool.git"]),
        ("<pre>curl http://localhost:8080/v1 http://127.0.0.1/ https://api.example.com/x</pre>", []),
        ('<a href="https://github.com/owner/tool">https://github.com/owner/to…</a> https://x.site/…', ["https://github.com/owner/tool"]),
        ('<a href="https://www.facebook.com/sharer.php?u=x">f</a><a href="http://twitter.com/home?status=x">t</a>', []),
        ('<a href="javascript:x()">a</a><a href="mailto:a@b.c">b</a>', []),
    ],
)  # fmt: skip
def test_links(markup: str, links: list[str]) -> None:
    assert list(_read(markup).links) == links


@pytest.mark.parametrize(
    ("markup", "images"),
    [
        ('<img src="https://a.example/figure.png">', 1),
        ('<img src="https://a.example/f.png"><img src="https://a.example/f.png">', 1),
        ('<img src="https://a.example/f.png" width="640" height="48">', 1),
        ('<img src="https://a.example/f.png" width="100%">', 1),
        ('<img src="http://feeds.feedburner.com/~r/x/~4/abc" height="1" width="1">', 0),
        ('<img src="https://a.example/t.gif" width="1">', 0),
        ('<img src="https://a.example/i.png" width="16" height="16">', 0),
        ('<img src="https://medium.com/_/stat?event=post.clientViewed&amp;id=1">', 0),
        ('<img src="https://s.w.org/images/core/emoji/11/72x72/1f642.png">', 0),
        ('<img src="https://secure.gravatar.com/avatar/abc?s=96">', 0),
        ('<img src="https://img.shields.io/badge/a-b-blue">', 0),
        ('<img src="https://colab.research.google.com/assets/colab-badge.svg">', 0),
        ('<img src="https://github.com/o/r/actions/workflows/ci.yml/badge.svg">', 0),
        ('<img src="https://s0.wp.com/latex.php?latex=x">', 0),
        ('<img src="/relative.png"><img src="data:image/png;base64,AA"><img>', 0),
    ],
)
def test_pictures_are_those_that_show_something(markup: str, images: int) -> None:
    content = _read(markup)
    assert content.images == images
    assert (content.first_image is not None) is bool(images)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("A story. The post A Story appeared first on TechCrunch.", "A story."),
        ("A story. The post A Story first appeared on Blog", "A story. The post A Story first appeared on Blog"),
        ("본문입니다. 글 추천 이야기이(가) 개발 블로그에 처음 등장했습니다.", "본문입니다."),
        ("Here’s a partial list… Continue reading on Medium »", "Here’s a partial list…"),
        ("Continue reading on »", ""),
        ("It was long [...] Continue reading A Long Story →", "It was long"),
        ("Explained visually! Read more.", "Explained visually!"),
        ("It is cut […]", "It is cut"),
        ("It is over. Read more of this story at Slashdot.", "It is over."),
        ("요약입니다. 더 보기 »", "요약입니다."),
        ("요약입니다. 계속 읽기", "요약입니다."),
        ("728x90 반응형 본문입니다. 728x90 반응형", "본문입니다."),
        ("The end. Share this: Click to share on X (Opens in new window) Facebook Like this: Like Loading... Related", "The end."),
        ("끝. 공유하기: 트위터 페이스북", "끝."),
        ("Good. Thanks for reading Notes! Subscribe for free to receive new posts and support my work.", "Good."),
        # Sentences that only look alike.
        ("You should read more.", "You should read more."),
        ("Why I never stop to read more", "Why I never stop to read more"),
        ("If you like it, continue reading", "If you like it, continue reading"),
        ("버튼을 눌러 자세히 보기", "버튼을 눌러 자세히 보기"),
        ("The post office appeared first in 1840.", "The post office appeared first in 1840."),
        ("반응형 웹을 만드는 법", "반응형 웹을 만드는 법"),
    ],
)  # fmt: skip
def test_what_feeds_append_is_cut(text: str, rest: str) -> None:
    assert cut_appendix(text) == rest


def test_the_last_paragraph_of_medium_is_cut_with_the_title_in_it() -> None:
    content = _read(
        "<p>The story.</p><hr><p><a href='https://medium.com/p/1'>Its Title</a> was originally published in "
        "<a href='https://medium.com/x'>X</a> on Medium, where people are continuing the conversation by highlighting "
        "and responding to this story.</p>"
    )
    assert content.text == "The story."


def test_a_size_of_thousands_of_digits_is_no_icon() -> None:
    assert _read(f'<img src="https://a.example/b.png" width="{"9" * 5000}">').images == 1


@given(st.text(alphabet="<>/aprehimgcod =\"'1:.가한", max_size=200))
def test_nothing_breaks_it_and_reading_adds_nothing(markup: str) -> None:
    sanitised = sanitise_html(markup)
    content = read_content(sanitised)
    assert set(content.text) <= set(text_of(sanitised)) | {" "}
    assert read_content(sanitised) == content


def test_prose_of_the_recorded_feeds_is_lost_to_nothing_but_code(documents: list[Path]) -> None:
    for file in documents:
        for entry in parse_document(file.read_bytes(), "https://feed.example/").entries:
            sanitised = sanitise_html(entry.content or entry.summary)
            content, whole = read_content(sanitised), text_of(sanitised)
            if not content.code_blocks:
                assert whole.startswith(content.text)
                assert len(whole) - len(content.text) < 300, whole[len(content.text) :]


def test_a_picture_for_readers_without_scripts_is_one() -> None:
    content = _read(
        '<p>We measured it.</p><noscript><img src="https://cdn.lab.example/chart.png" alt="a chart"></noscript>'
    )
    assert (content.text, content.images, content.first_image) == (
        "We measured it.",
        1,
        "https://cdn.lab.example/chart.png",
    )
