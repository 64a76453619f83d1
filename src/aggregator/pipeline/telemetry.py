"""Telemetry: what the daemon has done since its start, and how its home is, as Prometheus reads it. Owns
prometheus-client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aggregator import __version__
from aggregator.build import find_commit
from aggregator.feeds.health import Health
from aggregator.pipeline.home import Home
from aggregator.pipeline.state import HomeState, look_at_state
from aggregator.storage.revisions import find_head
from aggregator.types import Decision, Outcome, Visit

#: What ``render`` gives, as HTTP calls it.
MEDIA_TYPE = "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"

# Seconds: a feed that answers takes a tenth, and a visit ends after thirty.
_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_OF_CLUSTER = {
    "units": "Units of work that the cluster has done.",
    "lost": "Units that it was given and gave no answer to.",
    "deaths": "Workers of the cluster that went away.",
}
_AXES = ("topic", "part")
# When each counter began is when the daemon did.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Telemetry:
    """Counts what the daemon does, and reads how its home is when Prometheus asks."""

    def __init__(
        self, home: Home, count_deaths: Callable[[], int], count_cluster: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        """*count_deaths* says how many parser processes have died, *count_cluster* how the cluster does."""
        self._home = home
        self._registry = registry = CollectorRegistry()
        self._visits = Counter("aggregator_visits", "Visits to feeds.", ["outcome"], registry=registry)
        # Prometheus sees no increase in a series that begins with its first event.
        for outcome in Outcome:
            self._visits.labels(str(outcome))
        self._seconds = Histogram(
            "aggregator_visit_seconds", "How long visits took.", buckets=_BUCKETS, registry=registry
        )
        self._bytes = Counter("aggregator_visit_bytes", "Bytes of the documents of feeds.", registry=registry)
        self._entries = Counter("aggregator_entries", "New entries of feeds.", registry=registry)
        self._runs = Counter(
            "aggregator_job_runs", "Runs of the jobs of the daemon.", ["job", "result"], registry=registry
        )
        self._job_seconds = Counter("aggregator_job_seconds", "How long jobs took, in all.", ["job"], registry=registry)
        self._job_lag = Gauge("aggregator_job_lag_seconds", "How late a job began last.", ["job"], registry=registry)
        registry.register(_OfHome(home, count_deaths, count_cluster))

    def note_visits(self, visits: Sequence[Visit]) -> None:
        """Count visits when they are stored."""
        for visit in visits:
            self._visits.labels(str(visit.outcome)).inc()
            self._seconds.observe(visit.seconds)
            self._bytes.inc(visit.bytes)
            self._entries.inc(visit.entries_new)

    def note_job(self, job: str, seconds: float, *, succeeded: bool) -> None:
        """Count a run of a job of the daemon."""
        for result, is_this in (("succeeded", succeeded), ("failed", not succeeded)):
            self._runs.labels(job, result).inc(is_this)
        self._job_seconds.labels(job).inc(seconds)

    def note_lag(self, job: str, seconds: float) -> None:
        """Note how late a job begins."""
        self._job_lag.labels(job).set(max(seconds, 0.0))

    def render(self) -> bytes:
        """Write all figures in the text format of Prometheus. Raises StorageError."""
        return generate_latest(self._registry)


class _OfHome(Collector):
    """The figures that are read from the home each time."""

    def __init__(
        self, home: Home, count_deaths: Callable[[], int], count_cluster: Callable[[], Mapping[str, int]]
    ) -> None:
        self._home = home
        self._count_deaths, self._count_cluster = count_deaths, count_cluster

    def describe(self) -> list[Metric]:
        return []  # Else the registry would read the home at once.

    def collect(self) -> Iterator[Metric]:
        yield _gauge("build_info", "The running program.", [(self._program, 1)])
        deaths = CounterMetricFamily("aggregator_parser_deaths", "Parser processes that died and were replaced.")
        deaths.add_metric([], self._count_deaths())
        yield deaths
        yield from _describe_cluster(self._count_cluster())
        yield from _describe_state(look_at_state(self._home))

    @cached_property
    def _program(self) -> dict[str, str]:
        return {"version": __version__, "commit": find_commit(), "tables": find_head()}


def _describe_cluster(figures: Mapping[str, int]) -> Iterator[Metric]:
    if figures:
        yield _gauge("cluster_workers", "Workers of the cluster that are used.", figures["workers"])
        for name, help in _OF_CLUSTER.items():
            counted = CounterMetricFamily(f"aggregator_cluster_{name}", help)
            counted.add_metric([], figures[name])
            yield counted


def _describe_state(state: HomeState) -> Iterator[Metric]:
    yield _gauge("feeds", "Feeds by their health.", [({"health": str(one)}, state.feeds.get(one, 0)) for one in Health])
    yield _gauge(
        "feeds_overdue_seconds", "How long the feed that is due longest has been due.", state.overdue.total_seconds()
    )
    yield _gauge("last_success_timestamp_seconds", "When a visit succeeded last.", _to_seconds(state.last_success_at))
    yield _gauge("alarm", "1 if no visit of any feed succeeds any more.", int(state.alarm is not None))
    yield _gauge("gaps", "Gaps that were noticed in the last 30 days and are not closed.", state.gaps)
    yield _gauge("posts", "Stored posts.", state.posts)
    yield _gauge("posts_waiting", "Posts that wait for their day or a date.", state.waiting)
    behind = [({"what": str(what)}, number) for what, number in state.behind.items()]
    yield _gauge("posts_behind", "Posts of which something is to be derived again.", behind)
    undecided = [({"month": str(month.month)}, month.undecided) for month in state.months]
    yield _gauge("undecided", "Posts of the shortlist without a verdict, in open months.", undecided)
    decided = [
        ({"month": str(month.month), "decision": str(one)}, month.decided.get(one, 0))
        for month in state.months
        for one in Decision
    ]
    yield _gauge("decided", "Candidates with a verdict, in open months.", decided)
    yield _gauge("notices_unsent", "Notices that have not arrived everywhere.", state.unsent)
    yield _gauge("database_bytes", "What the database takes on its disk.", state.database_bytes)
    yield _gauge("disk_free_bytes", "What is free on the disk of the home.", state.free_bytes)
    if state.model:
        yield _gauge("model_timestamp_seconds", "When the model in use was fitted.", _to_seconds(state.model.made_at))
        yield _gauge(
            "model_rows",
            "What the model in use learned from.",
            [({"origin": origin}, number) for origin, number in state.model.rows.items()],
        )
        compared = state.model.figures.get("new", {})
        accuracy = [({"axis": axis}, compared[axis]["accuracy"]) for axis in _AXES if compared.get(axis)]
        yield _gauge("model_accuracy", "How often it was right about decisions that it had not seen.", accuracy)


def _gauge(name: str, help: str, values: float | Sequence[tuple[dict[str, str], float]]) -> Metric:
    if isinstance(values, int | float):
        return GaugeMetricFamily(f"aggregator_{name}", help, value=values)
    metric = GaugeMetricFamily(f"aggregator_{name}", help, labels=list(values[0][0]) if values else [])
    for labels, value in values:
        metric.add_metric(list(labels.values()), value)
    return metric


def _to_seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
