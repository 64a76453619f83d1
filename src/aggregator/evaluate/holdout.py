"""Guesses held-out rows: by folds of publishers, and in the order of time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.classify.metrics import (
    AxisMetrics,
    FlagMetrics,
    ScopeMetrics,
    measure_axis,
    measure_flag,
    measure_scope,
)
from aggregator.classify.model import Belief, SectionModel, fit_model
from aggregator.classify.training import Row, find_group
from aggregator.shipped import SHIPPED
from aggregator.types import Month, Part, Section, Taxonomy, Topic

FOLDS = 5

_ORIGIN = "digest "


@dataclass(frozen=True, slots=True)
class Held:
    """A held-out row, and the probabilities from a model that had not seen it."""

    row: Row
    parts: dict[Part, float]
    topics: dict[Topic, float]
    out: float


@dataclass(frozen=True, slots=True)
class SectionMetrics:
    """How good the guesses of posts in scope are."""

    part: AxisMetrics
    topic: AxisMetrics
    #: The key and metrics of the part that is reserved for one publisher; None without such a part.
    reserved: tuple[str, FlagMetrics] | None


def cross_validate(rows: Sequence[Row]) -> list[Held]:
    """Guess each row with a model that has learned only from rows of other publishers."""
    held: list[Held] = []
    for fold in range(FOLDS):
        tested = [row for row in rows if find_group(row) % FOLDS == fold]
        rest = [row for row in rows if find_group(row) % FOLDS != fold]
        held += _hold(fit_model(rest), tested)
    return held


def hold_out_months(
    shipped: Sequence[Row], months: Sequence[tuple[Month, Sequence[Row]]]
) -> Iterator[tuple[Month, list[Held]]]:
    """Guess each month's digest with a model that has learned only from earlier months and the invented rows.

    Shipped rows from a digest of that month or a later one are left out.
    """
    known: list[Row] = []
    for month, rows in sorted(months, key=lambda each: each[0]):
        before = [row for row in shipped if not row.is_real or _is_before(row, month)]
        yield month, _hold(fit_model([*before, *known]), rows)
        known += rows


def measure_held(held: Sequence[Held]) -> SectionMetrics:
    """Measure the rows in scope; there must be at least one."""
    pairs = [(each, each.row.section) for each in held if each.row.section is not None]
    return measure_sections(
        [section for _, section in pairs],
        [each.parts for each, _ in pairs],
        [each.topics for each, _ in pairs],
        SHIPPED,
    )


def measure_held_scope(held: Sequence[Held]) -> ScopeMetrics:
    """Measure how well rows in scope are separated from rows out of scope."""
    return measure_scope([each.row.section is None for each in held], [each.out for each in held])


def measure_sections(
    truth: Sequence[Section],
    parts: Sequence[Mapping[Part, float]],
    topics: Sequence[Mapping[Topic, float]],
    taxonomy: Taxonomy,
) -> SectionMetrics:
    reserved = taxonomy.reserved
    guessed = [max(belief, key=belief.__getitem__) for belief in parts]
    return SectionMetrics(
        part=measure_axis([section.part for section in truth], parts),
        topic=measure_axis([section.topic for section in truth], topics),
        reserved=(str(reserved), measure_flag([section.part for section in truth], guessed, reserved))
        if reserved
        else None,
    )


def _hold(model: SectionModel, rows: Sequence[Row]) -> list[Held]:
    return _pair(rows, model.believe([row.document for row in rows])) if rows else []


def _pair(rows: Sequence[Row], belief: Belief) -> list[Held]:
    if belief.parts is None or belief.topics is None or belief.out is None:
        raise AssertionError("a model of the shipped rows has all parts and topics")
    return [
        Held(
            row,
            dict(zip(SHIPPED.parts, map(float, parts), strict=True)),
            dict(zip(SHIPPED.topics, map(float, topics), strict=True)),
            float(out),
        )
        for row, parts, topics, out in zip(rows, belief.parts, belief.topics, belief.out, strict=True)
    ]


def _is_before(row: Row, month: Month) -> bool:
    return row.origin.startswith(_ORIGIN) and Month.parse(row.origin.removeprefix(_ORIGIN)) < month
