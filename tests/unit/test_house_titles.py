"""Titles in house style: a table of invented titles, laws, and what printed titles teach."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest.escape import escape_text
from aggregator.digest.house.lessons import learn, learn_apart
from aggregator.digest.house.propose import propose_title
from aggregator.types import StepKind, TitlePair
from growth import find_growth

TITLES = [
    # Title Case
    ("How we serve a ranking model at night", "How We Serve a Ranking Model at Night"),
    ("Why the Queue Is Late And What It Was For", "Why the Queue is Late and What It was For"),
    ("Moving feeds without downtime: a diary", "Moving Feeds without Downtime: A Diary"),
    ("State-of-the-art on-device re-ranking", "State-of-the-Art On-Device Re-Ranking"),
    ("What's new in our iPhone app's k8s cluster", "What's New in Our iPhone App's k8s Cluster"),
    ("A Q&A with haneul.example, <b>, open() and pandas_udf", "A Q&A with haneul.example, \\<b>, open() and pandas_udf"),
    ("haneul-queue: tasks in order", "haneul-queue: Tasks in Order"),
    # short forms
    ("Small language models for shops", "Small LMs for Shops"),
    ("Large Language Models (LLMs) in the shop", "LLMs in the Shop"),
    ("Machine learning-based prices with neural networks", "ML-Based Prices with NNs"),
    ("A mixture-of-experts for deep learning", "A MoE for DL"),
    ("Vision-language models in the shop", "VLMs in the Shop"),
    ("Training on Hugging Face", "Training on HuggingFace"),
    # models
    ("Teaching GPT-4 and Llama 2 70B to count", "Teaching *GPT-4* and *Llama 2 70B* to Count"),
    ("What BERT-based rankers miss", "What *BERT*-Based Rankers Miss"),
    ("Opt out of the bloom", "Opt Out of the Bloom"),
    ("Haneul-7B: a language model for recipes", "*Haneul-7B*: A LM for Recipes"),
    ("Reading receipts with Paired Receipt Modeling (PRM)", "Reading Receipts with Paired Receipt Modeling (*PRM*)"),
    ("Learning from Shop Reviews (LSR)", "Learning from Shop Reviews (LSR)"),
    ("A gemini of plans", "A Gemini of Plans"),
    # products and libraries
    ("Faster training with PyTorch 2.1 and vllm", "Faster Training with **PyTorch 2.1** and **vLLM**"),
    ("Introducing Larkspur: A library for queues", "Introducing **Larkspur**: A Library for Queues"),
    ("Larkspur: a tool for language models", "**Larkspur**: A Tool for LMs"),
    ("Keep queues short with Larkspur", "Keep Queues Short with **Larkspur**"),
    ("Keep queues short with Netflix", "Keep Queues Short with Netflix"),
    ("Scaling to night with Ray", "Scaling to Night with **Ray**"),
    ("A Ray of Hope for Queues", "A Ray of Hope for Queues"),
    ("Tune prices using Amazon SageMaker shadow testing", "Tune Prices Using **Amazon SageMaker Shadow Testing**"),
    ("Plan shifts with AWS Larkspur Planner on AWS", "Plan Shifts with **AWS Larkspur Planner** on AWS"),
    ("Cheap nights on EKS", "Cheap Nights on **EKS**"),
    # site and part
    ("Sorting the night shift | Haneul Tech Blog", "Sorting the Night Shift"),
    ("Sorting the night shift – Sparrow", "Sorting the Night Shift"),
    ("Sorting the night shift | by Mina Park | Medium", "Sorting the Night Shift"),
    ("Sorting the night shift – Part 2", "Sorting the Night Shift"),
    ("Sorting the night shift (Part 3): the queue", "Sorting the Night Shift: The Queue"),
    ("Sorting the night shift – Part 1", "Sorting the Night Shift – Part 1"),
    ("Sorting the night shift - Week 32", "Sorting the Night Shift - Week 32"),
    # Korean is left alone, except for what the digest shortens or types otherwise
    ("야간 배치 줄이기 2편 – 큐 고치기", "야간 배치 줄이기 - 큐 고치기"),
    ("야간 배치 줄이기 1편 - with a small queue", "야간 배치 줄이기 1편 - with a small queue"),
    ("머신러닝 팀의 ‘밤’ 이야기", "ML 팀의 '밤' 이야기"),
    ("Milvus로 가게 찾기", "**Milvus**로 가게 찾기"),
    # signs
    ("“Smart” prices [draft] for a_b*c", '"Smart" Prices \\[Draft\\] for a_b\\*c'),
]  # fmt: skip


@pytest.mark.parametrize(("own", "printed"), TITLES)
def test_a_title_is_proposed_as_the_digest_prints_it(own: str, printed: str) -> None:
    title, steps = propose_title(escape_text(own), url="https://tech.haneul.example/1", names=["Sparrow"])
    assert title == printed
    assert bool(steps) == (printed != escape_text(own))


@pytest.mark.parametrize("printed", [printed for _, printed in TITLES])
def test_a_title_in_house_style_stays_as_it_is(printed: str) -> None:
    assert propose_title(printed) == (printed, ())


_WORDS = st.sampled_from([
    "queue", "Queue", "the", "Is", "language models", "Large Language Models", "neural network", "GPT-4", "Llama", "PyTorch 2.1",
    "Amazon SageMaker", "Ray", "with", "Introducing", "a library", "model", ":", "–", "|", "- Part 2", "(Part 3)", "| Haneul Blog",
    "re-ranking", "(LLM)", "‘밤’", "머신러닝 팀", "2편", "야간 배치", "Larkspur", "*", "**", "[x]", "`", "_", "AT&T",
])  # fmt: skip
_TITLES = st.lists(_WORDS, min_size=1, max_size=12).map(" ".join) | st.text(max_size=60)


@given(_TITLES)
def test_what_is_proposed_is_proposed_again(own: str) -> None:
    title, _ = propose_title(escape_text(own))
    assert propose_title(title)[0] == title


@given(_TITLES)
def test_no_word_of_korean_is_lost(own: str) -> None:
    title, steps = propose_title(escape_text(own))
    if not any(step.kind in {StepKind.SITE, StepKind.PART, StepKind.PHRASE} for step in steps):
        assert re.findall("[가-힣]+", title) == re.findall("[가-힣]+", escape_text(own))


@pytest.mark.parametrize(
    "piece",
    ["GPT-4 ", "- Part 2 ", "*x ", "Amazon X ", "(A", " | x"],
)
def test_the_time_is_linear_up_to_the_longest_title(piece: str) -> None:
    assert find_growth(propose_title, "", piece, "", size=180) is None
    assert propose_title(piece * 400)[1] == ()


def test_steps_say_what_was_changed_and_why() -> None:
    _, steps = propose_title("Serving gpt-4 and language models | Haneul Blog", url="https://blog.haneul.example/1")
    assert [(step.kind, step.before, step.after, step.printed) for step in steps] == [
        (StepKind.SITE, "| Haneul Blog", "", 0),
        (StepKind.MODEL, "gpt-4", "GPT-4", 0),
        (StepKind.PHRASE, "language models", "LMs", 0),
    ]


# --- learning ---

PRINTED = [
    ("Night-by-night planning for shops", "Night by Night Planning for Shops"),
    ("Plans for Larkspur users", "Plans for **Larkspur** Users"),
    ("Plans For bakers", "Plans For Bakers"),
    ("Nights For bakers", "Nights For Bakers"),
    ("Bread For bakers", "Bread For Bakers"),
    ("Ovens For bakers", "Ovens For Bakers"),
    ("Shelves of neural networks", "Shelves of Neural Networks"),
    ("Bread of neural networks", "Bread of Neural Networks"),
    ("Plans of neural networks", "Plans of Neural Networks"),
    ("Kubeflow for a bakery", "Kubeflow For a Bakery"),
    ("Kubeflow 도입기", "Kubeflow 도입기"),
    ("Kubeflow 이전기", "Kubeflow 이전기"),
    ("A wholly different title", "Everything Was Said Otherwise"),
]


@pytest.mark.parametrize(
    ("own", "printed", "times"),
    [
        ("Baking night-by-night", "Baking Night by Night", 1),
        ("Moving Larkspur abroad", "Moving **Larkspur** Abroad", 1),
        ("Ovens for shops", "Ovens For Shops", 5),
        ("Ovens of neural networks", "Ovens of Neural Networks", 0),
        ("Ovens on Kubeflow", "Ovens on Kubeflow", 0),
        ("A wholly new oven", "A Wholly New Oven", 0),
    ],
)
def test_what_was_printed_overrules_a_rule_if_it_was_said_often_enough(own: str, printed: str, times: int) -> None:
    lessons = learn([TitlePair(*pair) for pair in PRINTED])
    title, steps = propose_title(own, lessons)
    assert title == printed
    assert max((step.printed for step in steps), default=0) == times


def test_a_pair_that_is_left_out_teaches_nothing() -> None:
    pairs = [TitlePair(*pair) for pair in PRINTED]
    lessons, votes = learn_apart(pairs)
    for at, pair in enumerate(pairs):
        others = learn([*pairs[:at], *pairs[at + 1 :]])
        assert propose_title(pair.original, lessons.leave_out(votes[at])) == propose_title(pair.original, others)
