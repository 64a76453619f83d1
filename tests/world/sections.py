"""The parts and topics of the digest that the project comes with, by name."""

from __future__ import annotations

from aggregator.shipped import SHIPPED

RESEARCH, BUSINESS, AWS = SHIPPED.parts
CV, NLP, RECSYS, MLOPS = SHIPPED.topics
