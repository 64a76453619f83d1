"""Which language a text is in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.parse import parse_document
from aggregator.text.content import read_content
from aggregator.text.html import sanitise_html
from aggregator.text.language import UNKNOWN, find_language
from aggregator.text.titles import plain_title


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Airflow로 파이프라인 만들기", "en", "ko"),
        ("Building pipelines with Airflow", "ko", "en"),
        ("Kubernetes Ingress Controller와 Amazon EKS Pod Identity Webhook 도입기", "ko", "ko"),
        ("ECS vs EC2", "ko", "en"),
        ("12345", "ko", "ko"),
        ("推薦システムを作る", "en", "und"),
        ("機械学習入門", "ja", "ja"),
        ("机器学习入门", "en", "und"),
        ("机器学习入门", "ko", "und"),
        ("机器学习入门", "zh", "zh"),
        ("Как мы обучали модели", "en", "und"),
        ("Обучение", "bg", "bg"),
        ("ما هو التعلم الآلي", "en", "und"),
        ("What we have learned from it", "ar", "en"),
        ("ECS vs EC2", "ar", "en"),
        ("การเรียนรู้ของเครื่อง", "en", "und"),
        ("Wie wir die Modelle für die Suche trainieren und nicht nur messen", "en", "und"),
        ("Wie wir die Modelle für die Suche trainieren und nicht nur messen", "de", "de"),
        ("Cómo entrenamos los modelos para la búsqueda con datos de producción", "en", "und"),
        ("Comment nous entraînons les modèles pour la recherche avec des données", "ko", "und"),
        ("Hur vi tränar våra modeller och varför det är viktigt för alla som inte kan", "en", "und"),
        ("Deep Learning", "de", "de"),
        ("GPT-4", "en", "en"),
        ("Introducing DeepLearning.AI Pro. Pro for pro users", "en", "en"),
        ("DALL·E – “Zero-shot” images…", "en", "en"),
        ("", "fr", "fr"),
    ],
)
def test_language(text: str, declared: str, language: str) -> None:
    assert find_language(text, declared) == language


# What the feeds are in, other than English; each is asked as if it had declared nothing.
RECORDED = {
    "ab180": "ko",
    "pytorch-kr": "ko",
    "socar": "ko",
    "geekpark": "und",
    "gb2312-kc0011": "und",
    "yamadashy-techblog-rss": "und",
    "urdu-bbc": "und",
    "windows1251-ibash": "und",
    "heise-rdf": "und",
    "cornucopia-blogger": "und",
    "medium-kusiak": "und",
    "lilianweng": "en",
    "kubeflow": "en",
    "ruder": "en",
    "the-batch-generated": "en",
    "techcrunch-wordpress": "en",
    "huggingface": "en",
}


@pytest.mark.parametrize("key", RECORDED)
def test_the_recorded_feeds_are_read_in_their_languages(key: str, shared: Path) -> None:
    counts = Counter[str]()
    for entry in parse_document((shared / "feeds" / f"{key}.xml").read_bytes(), "https://feed.example/").entries:
        text = read_content(sanitise_html(entry.content or entry.summary)).text
        counts[find_language(f"{plain_title(entry.title)}\n{text}")] += 1
    # Some items are in another language, or have no words.
    assert counts[RECORDED[key]] >= 0.95 * sum(counts.values()), counts


@given(st.text(max_size=100), st.sampled_from(["en", "ko", "ja", "de"]))
def test_the_answer_is_korean_english_what_was_declared_or_unknown(text: str, declared: str) -> None:
    assert find_language(text, declared) in {"ko", "en", declared, UNKNOWN}
