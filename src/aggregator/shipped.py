"""The shipped digest: its parts, topics, reasons for a rejection, and head. A home can have others instead.

No other code names one of these parts or topics; what is special about a part is defined here, as in feeds.toml.
"""

from __future__ import annotations

from aggregator.locales import mark
from aggregator.types import Part, Taxonomy, Topic

SHIPPED = Taxonomy.of(
    (
        Part("research", "Research", mark("research")),
        Part("business", "Business Cases and Implementations", mark("business"), business_case=1.0),
        # A case on AWS services counts half as a business case.
        Part("aws", "AWS ML Only", "AWS", prints_organisation=False, published_by="aws", business_case=0.5),
    ),
    (
        Topic("cv", "CV", "CV", hint=mark("pictures, video, 3D, documents as images; making any of them")),
        Topic("nlp", "NLP", "NLP", hint=mark("language models, agents, RAG, speech, chat, safety of assistants")),
        Topic(
            "recsys",
            "RecSys, etc.",
            "RecSys",
            hint=mark("recommendation, search, vector search, ads, fraud, forecasts, experiments, science, robots"),
        ),
        Topic(
            "mlops",
            "Training, Inference and MLOps",
            "MLOps",
            hint=mark("training, serving, compilers, GPUs, features, pipelines, platforms for evaluation"),
        ),
    ),
    (mark("no ML substance"),),
)

SHIPPED_HEAD = (
    "# AI & ML 블로그 월간 정리\n\n"
    "Blog posts on AI and ML that were worth the time this month, chosen by a person.\n"
    "한 달 동안 읽을 만했던 AI·ML 블로그 글을 사람이 골라 정리했습니다.\n\n"
)
