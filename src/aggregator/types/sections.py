"""The sections of the digest: three parts, each with four topics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """The three numbered parts of the digest."""

    RESEARCH = "research"
    BUSINESS = "business"
    AWS = "aws"

    @property
    def number(self) -> int:
        return list(Part).index(self) + 1


class Topic(StrEnum):
    """The four numbered topics that every part is divided into."""

    CV = "cv"
    NLP = "nlp"
    RECSYS = "recsys"
    MLOPS = "mlops"

    @property
    def number(self) -> int:
        return list(Topic).index(self) + 1


#: What belongs to each topic, shown where a section is chosen; docs/taxonomy.md has examples.
TOPIC_WORDS = {
    Topic.CV: "pictures, video, 3D, documents as images; making any of them",
    Topic.NLP: "language models, agents, RAG, speech, chat, safety of assistants",
    Topic.RECSYS: "recommendation, search, vector search, ads, fraud, forecasts, experiments, science, robots",
    Topic.MLOPS: "training, serving, compilers, GPUs, features, pipelines, platforms for evaluation",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a topic. Its number belongs to the place: 2.4 is always business and MLOps."""

    part: Part
    topic: Topic

    def __str__(self) -> str:
        return f"{self.part.number}.{self.topic.number}"

    @classmethod
    def parse(cls, text: str) -> Section:
        """Read ``2.4`` or ``business/mlops``; raises ValueError with the allowed forms."""
        if match := re.fullmatch(r"([1-3])\.([1-4])\.?", text.strip()):
            return cls(list(Part)[int(match[1]) - 1], list(Topic)[int(match[2]) - 1])
        part, slash, topic = text.strip().lower().partition("/")
        if slash and part in set(Part) and topic in set(Topic):
            return cls(Part(part), Topic(topic))
        raise ValueError(f"{text!r} is not a section; write one from 1.1 to 3.4, or part/topic such as business/mlops")

    @classmethod
    def list_all(cls) -> list[Section]:
        return [cls(part, topic) for part in Part for topic in Topic]
