"""What a text is found by, as tables and as laws."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.characters import clean
from aggregator.text.terms import (
    LONGEST_QUERY,
    Either,
    Query,
    find_hits,
    fold,
    list_asked,
    list_document_terms,
    list_terms,
    parse_query,
)

#: Words of the kinds that meet in titles, and marks that mean something to the parser or to a database.
WORDS = st.one_of(
    st.text(),
    st.text(alphabet="가나다모델추천"),
    st.text(alphabet="abAB12-_.+#'/&é"),
    st.sampled_from(["GPT-3", "C++", "k8s", "東京大学", "データ", "naïve", "ﷺ", "½", "AND", "NEAR(", "İ", "ß", "ſ"]),
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


def is_found(text: str, words: str, title: str | None = None) -> bool:
    """Of a text as a title, or below one."""
    titles, texts = ([text], []) if title is None else ([title], [text])
    query, terms = parse_query(words), {*list_document_terms(titles, texts, [])}
    excluded = any(has_all(terms, group) for group in query.excluded)
    return has_all(terms, query.terms) and not excluded and query.accepts(fold(text))


def has_all(terms: set[str], asked: Sequence[Either]) -> bool:
    return not any(terms.isdisjoint(either) for either in asked)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        # Two syllables: alone, inside compounds, before particles, over a boundary of words in a compound.
        ("추천", "추천시스템을 만들었습니다"),
        ("모델", "언어모델"),
        ("모델", "모델은 작습니다"),
        ("검색", "의미검색과 색인"),
        ("학습", "지도학습, 강화학습"),
        ("시스템", "추천시스템을"),
        ("언어모델", "대규모언어모델의 비용"),
        ("언어 모델", "언어모델"),
        ("언어모델", "언어 모델을 학습"),
        ("대규모언어모델", "대규모 언어 모델"),
        ("추천시스템", "개인화 추천  시스템의 구조"),
        ("앱", "웹앱을 빠르게"),
        # Composed otherwise, as some systems write it.
        (unicodedata.normalize("NFD", "추천"), "추천시스템"),
        ("추천", unicodedata.normalize("NFD", "추천시스템")),
        # English by its stem, both ways.
        ("serve", "Serving at scale"),
        ("serving", "Models served daily"),
        ("serves", "serve"),
        ("recommendations", "A recommendation engine"),
        ("recommendation", "Recommendations"),
        ("model", "models"),
        ("MODEL", "Our model's weights"),
        # Names with numbers and signs.
        ("GPT-3", "gpt3 in production"),
        ("GPT3", "GPT-3 in production"),
        ("gpt-3", "GPT 3 in production"),
        ("GPT 3", "GPT-3 in production"),
        ("GPT-3.5", "GPT3.5"),
        ("gpt", "GPT-3"),
        ("k8s", "K8s-based training"),
        ("C++", "C++17 bindings"),
        ("C#", "Written in C#."),
        ("fine-tuning", "finetuning"),
        ("finetuned", "Fine-tuning"),
        ("YOLO", "Counting cars with YOLOv8"),
        ("v8", "YOLOv8n"),
        ("yolov8", "YOLOv8-seg"),
        ("yolo v8 cars", "Counting cars with YOLOv8"),
        ("fine tuning models", "Finetuned model"),
        ("\u200b-vision models", "models"),
        ("A/B", "an A/B-test"),
        ("Node.js", "node.js"),
        # Width and accents.
        ("GPT", "ＧＰＴ"),
        ("naive", "A naïve baseline"),
        # Other scripts.
        ("東京", "東京大学の研究"),
        ("データ", "ビッグデータ基盤"),
        # Phrases and exclusions.
        ('"language models"', "Large Language  Models"),
        ('"모델 서빙"', "언어모델 서빙을"),
        ("“feature store”", "The Feature Store"),
        ("models -vision", "Language models"),
        ('models -"computer vision"', "vision models"),
    ],
)
def test_words_find_a_text(words: str, text: str) -> None:
    assert is_found(text, words)


@pytest.mark.parametrize(
    "spellings",
    [
        ("fine-tuning", "finetuning", "fine tuning", "Fine\u2011tuning", "fine_tuned"),
        ("time-series", "timeseries", "Time series"),
        ("huggingface", "hugging-face", "Hugging Face"),
        ("open-source", "opensource", "Open Source"),
        ("DeepSeek-R1", "deepseek r1", "DeepSeekR1", "deepseek_r1"),
        ("YOLOv8", "yolo v8", "yolo-v8"),
        ("NVIDIA-H100", "nvidia h100"),
        ("GPT-3", "gpt 3", "GPT3"),
        ("gpt-4o-mini", "GPT-4o mini", "gpt4o-mini"),
        ("Claude-3-Opus", "Claude 3 Opus", "claude3-opus"),
        ("Llama-3.1-8B", "Llama 3.1 8B", "llama3.1-8b"),
        ("DeepSeek-R1-Distill-Qwen-32B", "DeepSeek R1 Distill Qwen 32B"),
        ("text-to-image", "Text to image"),
        ("텐서플로우", "텐서플로"),
        ("윈도우", "윈도"),
        ("언어모델", "언어 모델"),
        ("fine\u00adtuning", "fine\u200btuning", "fine-\u2060tuning"),
        ("트랜스\u200b포머", "트랜스포머"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_each_spelling_finds_all_others(spellings: Sequence[str]) -> None:
    texts = [text + rest for text in spellings for rest in ("", " in production")]
    assert [(asked, text) for asked in spellings for text in texts if not is_found(text, asked)] == []


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("huggingface", "served from Hugging Face", True),
        ("finetuning", "what fine tuning costs, and what fine tuning brings", True),
        ("fine-tuning", "what fine tuning costs", True),
        # All neighbours of long texts would make the index twice as large.
        ("finetuning", "what fine tuning costs", False),
        ("withthe", "with the model, with the data", False),
    ],
)
def test_words_beside_each_other_in_a_long_text(words: str, text: str, found: bool) -> None:
    assert is_found(f"{text} {'and so on ' * 30}", words, title="") == found


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("모델", "모래와 델타"),
        ("추천시스템", "추천과 시스템"),
        ("언어모델", "모델의 언어"),
        ("모델", "메모 델타"),
        ('"언어모델"', "언어 모델"),
        ('"언어 모델"', "언어모델"),
        ("C++", "C and C#"),
        ("C#", "C++ and issue #3"),
        ("GPT-3", "GPT-4 in 3 days"),
        ("server", "serving"),
        ('"language model"', "language models"),
        ('"models language"', "language models"),
        ("models -vision", "vision models"),
        ("port", "transport"),
        ("port", "transport-layer"),
        ("transport", "port"),
        ("trans", "transport"),
        ("tuning", "finetuning"),
        ("fine-tuning", "A fine day for tuning a guitar"),
        ("time-series", "A series of hard times"),
        ("e-mail", "the mail, e.g."),
        ("A/B", "A and B"),
        ("deepseek-r1", "DeepSeek on R2, R1"),
        ("gpt3", "GPT on a T3"),
        ("gpt-4-turbo", "GPT-4 and a turbo"),
        ("YOLO", "YOLOX"),
        ("플로우", "로우"),
        ("models -fine-tuning", "finetuning models"),
        ("models -fine-tuning", "Fine tuning models"),
        ("models -\u200bvision", "vision models"),
        ('models -"computer vision"', "computer vision models"),
        ("모델 -추천시스템", "추천시스템 모델"),
    ],
)
def test_words_do_not_find_a_text(words: str, text: str) -> None:
    assert not is_found(text, words)


@pytest.mark.parametrize("words", ["", "  ", '"', '""', "-", '-""', "*", "^", "() : ' \\", "!!!"])
def test_nothing_is_asked_by_signs_alone(words: str) -> None:
    assert parse_query(words).is_empty


def test_words_of_other_query_languages_are_words() -> None:
    assert parse_query('AND OR, NOT, NEAR(x*, 2) title:y ^z "').terms == (
        ("and",), ("or",), ("not",), ("near",), ("x",), ("2",), ("titl",), ("y",), ("z",),
    )  # fmt: skip


def test_a_very_long_query_is_cut() -> None:
    assert len(parse_query("a " * 100_000).terms) == 1
    assert len(parse_query("가나다라마바사" * 100_000).terms) <= LONGEST_QUERY


@given(TEXTS)
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    terms = list_terms(text)
    for word in clean(text).split():
        assert has_all(terms, list_asked(word)), word
        assert has_all(terms, list_asked(word, as_it_stands=True)), word


@given(TEXTS, st.data())
def test_any_stretch_of_hangul_finds_its_text(text: str, data: st.DataObject) -> None:
    run = data.draw(st.text(alphabet="가나다라추천모델", min_size=1))
    first = data.draw(st.integers(0, len(run) - 1))
    last = data.draw(st.integers(first + 1, len(run)))
    assert has_all(list_terms(f"{text} {run} {text}"), list_asked(run[first:last]))


@given(TEXTS)
def test_neither_case_nor_composition_changes_what_is_found(text: str) -> None:
    assert list_terms(unicodedata.normalize("NFD", text)) == list_terms(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_terms_suit_both_databases(text: str) -> None:
    for term in list_terms(text):
        assert term
        assert len(term.encode()) < 2046
        assert not any(mark.isspace() or mark in "=:\0" for mark in term)
        assert all(mark.isalnum() or mark in "+#" for mark in term if mark.isascii())


@given(st.text(), st.text())
def test_any_text_is_a_query_and_hits_are_in_order(words: str, text: str) -> None:
    query = parse_query(words)
    assert isinstance(query, Query)
    end = 0
    for first, last in find_hits(text, query):
        assert end <= first < last <= len(text)
        end = last


@pytest.mark.parametrize(
    ("words", "text", "hits"),
    [
        ("모델", "언어모델을 배포", ["모델"]),
        ("언어모델", "대규모언어모델의", ["언어모델"]),
        ("serve", "Serving GPT-3, served", ["Serving", "served"]),
        ("GPT-3", "with GPT-3 or GPT3", ["GPT-3", "GPT3"]),
        ("C++", "C++, C", ["C++"]),
        ("-x", "x y", []),
        ("huggingface", "On Hugging Face hub", ["Hugging", "Face"]),
        ("hugging face", "On HuggingFace", ["HuggingFace"]),
        ("fine-tuning", "finetuned, fine-tuning, fine tuning", ["finetuned", "fine-tuning", "fine", "tuning"]),
        ("YOLO", "YOLOv8", ["YOLOv8"]),
        ("yolov8", "YOLO v8, YOLO", ["YOLO", "v8"]),
        ("deepseek-r1", "DeepSeek R1, DeepSeek", ["DeepSeek", "R1"]),
        ("gpt3", "GPT-3 x", ["GPT-3"]),
        ("텐서플로우", "텐서플로우와 텐서플로", ["텐서플로우", "텐서플로"]),
    ],
)
def test_hits_are_where_the_words_stand(words: str, text: str, hits: list[str]) -> None:
    assert [text[first:last] for first, last in find_hits(text, parse_query(words))] == hits


def test_hostile_texts_take_no_longer_than_others() -> None:
    # Each would take hours if a pattern went back over it again and again; the limit of the suite ends that.
    for text in ("a" * 50_000, "a1" * 25_000, "a-" * 25_000, "+" * 50_000, "a " * 25_000, "가" * 50_000, "1 " * 25_000):
        list_terms(text)
        list(find_hits(text, parse_query("b")))
