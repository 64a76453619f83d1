"""The page of figures, before it is HTML. Pure: what was kept of each month in, words and the picture out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.evaluate.depth import find_depth, find_recall
from aggregator.evaluate.metrics import ORDERS
from aggregator.rank.sample import Estimate, estimate_missed
from aggregator.storage.metrics import StoredMetrics
from aggregator.types import Decision, Month, Sampled

#: The picture in pixels, and how finely a curve is drawn; the table beside it has fewer rows.
WIDTH, HEIGHT, STEPS, ROWS = 600, 240, 100, 10

# With fewer looks than these a number in the middle would only mislead.
_FEW_LOOKS = 5

Look = tuple[Sampled, Decision | None]


@dataclass(frozen=True, slots=True)
class OrderView:
    """How one order fared in a month."""

    name: str
    is_ours: bool
    #: As the columns of the table show them.
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month that is over."""

    month: Month
    said: tuple[str, ...]
    orders: tuple[OrderView, ...]
    measured: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One order in the picture."""

    key: str
    name: str
    #: The data of a path.
    path: str


@dataclass(frozen=True, slots=True)
class RecallPicture:
    """How much of what was printed lies within so many posts, the mean of the months shown."""

    months: str
    curves: tuple[Curve, ...]
    #: Depth, and the share that each curve has reached there.
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    deepest: int


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The page of figures."""

    months: tuple[MonthView, ...]
    #: Published months that are still to be measured.
    unmeasured: tuple[Month, ...]
    #: What the spot checks of all months tell, in sentences.
    looks: tuple[str, ...]
    picture: RecallPicture | None


COLUMNS = (
    ("Precision at n", "of the first n posts, with n as many as were printed, the share that was printed"),
    ("Recall at 2n", "of the printed posts, the share within twice as many"),
    ("Average precision", "the mean, over the printed posts, of the share printed down to each"),
    ("90 % within", "so many posts are looked at until 90 % of the printed ones were seen"),
    ("All within", "so many until the last one"),
)


def build_figures(
    stored: Sequence[StoredMetrics], unmeasured: Sequence[Month], looks: Sequence[Look], zone: ZoneInfo
) -> FiguresView:
    of_month: defaultdict[Month, list[Look]] = defaultdict(list)
    for look in looks:
        of_month[look[0].month].append(look)
    return FiguresView(
        months=tuple(_build_month(each, of_month.get(each.month, []), zone) for each in stored),
        unmeasured=tuple(unmeasured),
        looks=tuple(say_looks(looks)),
        picture=draw_recall(stored),
    )


def _build_month(stored: StoredMetrics, looks: Sequence[Look], zone: ZoneInfo) -> MonthView:
    data = stored.data
    return MonthView(
        month=stored.month,
        said=(*_say_month(data), *_say_kinds(data), *say_looks(looks)),
        orders=tuple(
            OrderView(words.capitalise(name), key == "ours", _list_cells(data["orders"][key]))
            for key, name in ORDERS.items()
            if key in data["orders"] and _is_telling(data)
        ),
        measured=words.day(stored.made_at, zone),
    )


def _is_telling(data: Mapping[str, Any]) -> bool:
    return bool(0 < data["printed"] < data["n"])


def _say_month(data: Mapping[str, Any]) -> list[str]:
    n, printed = data["n"], data["printed"]
    said = [f"{printed:,} of {words.count(n, 'candidate')} printed."]
    if not printed:
        return said
    if printed == n:
        return [*said, "No other post of the month is known, so there is nothing to compare."]
    places = data["orders"]["ours"]["places"]
    said.append(
        f"The shortlist of {data['shortlist']} held {data['shortlisted']} of them. To find 90 % of them you would have "
        f"had to go down to rank {find_depth(places, 0.9):,}, and for the last one to rank {places[-1]:,}."
    )
    said.append(
        f"Going down to 85 % of them saves about {words.count(round(data['minutes_saved']), 'minute')} against "
        f"looking at all {n:,}, if one post takes {data['seconds_a_post']:.0f} seconds (an assumption)."
    )
    return said


def _say_kinds(data: Mapping[str, Any]) -> list[str]:
    """What posts disclosed, and how many were likely out of scope; older figures have neither."""
    kinds = data.get("disclosed", {}).items()
    said = [f"{found:,} {kind} ({printed or 'none'} printed)" for kind, (found, printed) in kinds]
    sentences = [f"Candidates by what they disclose: {', '.join(said)}."] if said else []
    beyond, printed = data.get("beyond_scope", (0, 0))
    if beyond:
        sentences.append(f"{beyond:,} were likely out of scope, so not proposed ({printed or 'none'} printed).")
    return sentences


def _list_cells(order: Mapping[str, Any]) -> tuple[str, ...]:
    shares = (order[name] for name in ("precision_at_n", "recall_at_2n", "average_precision"))
    depths = (find_depth(order["places"], share) for share in (0.9, 1.0))
    return (
        *("–" if share is None else f"{share:.2f}" for share in shares),
        *("–" if depth is None else f"{depth:,}" for depth in depths),
    )


def say_looks(looks: Sequence[Look]) -> list[str]:
    """What was drawn, and what it tells of the posts that nobody looked at."""
    if not looks:
        return []
    months = {look.month for look, _ in looks}
    drawn = words.count(len(looks), "spot check") + " below the shortlist"
    estimate = estimate_missed(looks)
    if estimate is None:
        return [f"{drawn}, not decided on yet."]
    said = f"Of {drawn} {estimate.looked_at} {'was' if estimate.looked_at == 1 else 'were'} decided on and "
    return [f"{said}{estimate.approved or 'none'} approved.", _say_estimate(estimate, len(months))]


def _say_estimate(estimate: Estimate, months: int) -> str:
    least, missed, most = (round(value) for value in (estimate.least, estimate.missed, estimate.most))
    where = f"the {estimate.below:,} posts below it" + (f" in {months} months" if months > 1 else "")
    if estimate.looked_at < _FEW_LOOKS:
        return (
            f"So few spot checks say little: of {where} you would have approved between {least:,} and {most:,}, with a "
            "likelihood of 95 %. More months narrow this down."
        )
    guess = "none" if not missed else f"about {missed:,}"
    more = " More months narrow this down." if most - least > max(10, missed) else ""
    return (
        f"So of {where} you would probably have approved {guess}: with a likelihood of 95 % between {least:,} and "
        f"{most:,}.{more}"
    )


# --- the picture ---


def draw_recall(stored: Sequence[StoredMetrics]) -> RecallPicture | None:
    """The mean of the months in which something was printed and something else was not; None without any."""
    months = [each for each in stored if _is_telling(each.data)]
    if not months:
        return None
    keys = [key for key in ORDERS if all(key in each.data["orders"] for each in months)]
    deepest = max(each.data["n"] for each in months)
    first, last = months[-1].month, months[0].month
    depths = sorted({round(deepest * step / STEPS) for step in range(STEPS + 1)})
    return RecallPicture(
        months=first.label if first == last else f"{first.label} to {last.label}",
        curves=tuple(Curve(key, words.capitalise(ORDERS[key]), _draw_path(months, key, depths)) for key in keys),
        rows=tuple(
            (depth, tuple(words.percent(_mean_recall(months, key, depth)) for key in keys))
            for depth in sorted({max(round(deepest * row / ROWS), 1) for row in range(1, ROWS + 1)})
        ),
        deepest=deepest,
    )


def _draw_path(months: Sequence[StoredMetrics], key: str, depths: Sequence[int]) -> str:
    points = (
        f"{WIDTH * depth / depths[-1]:.0f} {HEIGHT * (1 - _mean_recall(months, key, depth)):.1f}" for depth in depths
    )
    return "M" + "L".join(points)


def _mean_recall(months: Sequence[StoredMetrics], key: str, depth: int) -> float:
    return sum(find_recall(each.data["orders"][key]["places"], depth) for each in months) / len(months)
