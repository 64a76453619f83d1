"""The view of the page of figures. Pure: the stored metrics of each month in, words and the chart out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.evaluate.depth import find_depth, find_recall
from aggregator.evaluate.metrics import ORDERS
from aggregator.locales import t
from aggregator.rank.sample import Estimate, estimate_missed
from aggregator.storage.metrics import StoredMetrics
from aggregator.types import Decision, Month, Sampled

#: The size of the chart in pixels, and the number of points of a curve; the table beside it has fewer rows.
WIDTH, HEIGHT, STEPS, ROWS = 600, 240, 100, 10

# With fewer spot checks, a point estimate would only mislead.
_FEW_LOOKS = 5

Look = tuple[Sampled, Decision | None]


@dataclass(frozen=True, slots=True)
class OrderView:
    """The metrics of one order in a month."""

    name: str
    is_ours: bool
    #: The cells of its row in the table.
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """A past month."""

    month: Month
    said: tuple[str, ...]
    orders: tuple[OrderView, ...]
    measured: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One order in the chart."""

    key: str
    name: str
    #: The data of a path.
    path: str


@dataclass(frozen=True, slots=True)
class RecallPicture:
    """The share of printed posts within the first posts of each order, averaged over the months shown."""

    months: str
    curves: tuple[Curve, ...]
    #: Each depth with the share that each curve reaches there.
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    deepest: int


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The page of figures."""

    months: tuple[MonthView, ...]
    #: Published months that are not measured yet.
    unmeasured: tuple[Month, ...]
    #: What the spot checks of all months show, in sentences.
    looks: tuple[str, ...]
    picture: RecallPicture | None


COLUMNS = (
    ("Precision at n", "the share of the first n posts that was printed; n is the number of printed posts"),
    ("Recall at 2n", "the share of the printed posts that is among the first 2n"),
    ("Average precision", "the share printed among the posts down to each printed post, averaged over these"),
    ("90 % within", "how many posts to read until 90 % of the printed ones are seen"),
    ("All within", "how many posts to read until all printed ones are seen"),
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
            if key in data["orders"] and _has_both(data)
        ),
        measured=words.day(stored.made_at, zone),
    )


def _has_both(data: Mapping[str, Any]) -> bool:
    return bool(0 < data["printed"] < data["n"])


def _say_month(data: Mapping[str, Any]) -> list[str]:
    n, printed = data["n"], data["printed"]
    said = [f"{printed:,} of {words.count(n, 'candidate')} printed."]
    if not printed:
        return said
    if printed == n:
        return [*said, "The month has no other posts, so there is nothing to compare."]
    places = data["orders"]["ours"]["places"]
    said.append(
        f"The shortlist of {data['shortlist']} had {data['shortlisted']} of them. To find 90 % of them you would have "
        f"had to go down to rank {find_depth(places, 0.9):,}, and to rank {places[-1]:,} for the last one."
    )
    said.append(
        f"Going down to 85 % of them saves about {words.count(round(data['minutes_saved']), 'minute')} compared with "
        f"looking at all {n:,}, if one post takes {data['seconds_a_post']:.0f} seconds (an assumption)."
    )
    return said


def _say_kinds(data: Mapping[str, Any]) -> list[str]:
    """Say what posts disclosed, and how many were likely out of scope; older metrics have neither."""
    kinds = data.get("disclosed", {}).items()
    said = [f"{found:,} {kind} ({printed or 'none'} printed)" for kind, (found, printed) in kinds]
    sentences = [f"Candidates by what they disclose: {', '.join(said)}."] if said else []
    beyond, printed = data.get("beyond_scope", (0, 0))
    if beyond:
        sentences.append(f"{beyond:,} were likely out of scope and not proposed ({printed or 'none'} printed).")
    return sentences


def _list_cells(order: Mapping[str, Any]) -> tuple[str, ...]:
    shares = (order[name] for name in ("precision_at_n", "recall_at_2n", "average_precision"))
    depths = (find_depth(order["places"], share) for share in (0.9, 1.0))
    return (
        *("–" if share is None else f"{share:.2f}" for share in shares),
        *("–" if depth is None else f"{depth:,}" for depth in depths),
    )


def say_looks(looks: Sequence[Look]) -> list[str]:
    """Say what was drawn, and what it shows about the posts that nobody looked at."""
    if not looks:
        return []
    months = {look.month for look, _ in looks}
    drawn = words.count(len(looks), "spot check") + " below the shortlist"
    estimate = estimate_missed(looks)
    if estimate is None:
        return [f"{drawn}, not decided yet."]
    said = f"Of {drawn}, {estimate.looked_at} {'was' if estimate.looked_at == 1 else 'were'} decided and "
    return [f"{said}{estimate.approved or 'none'} approved.", _say_estimate(estimate, len(months))]


def _say_estimate(estimate: Estimate, months: int) -> str:
    least, missed, most = (round(value) for value in (estimate.least, estimate.missed, estimate.most))
    where = f"the {estimate.below:,} posts below it" + (f" in {months} months" if months > 1 else "")
    if estimate.looked_at < _FEW_LOOKS:
        return (
            f"So few spot checks say little: you would have approved between {least:,} and {most:,} of {where}, with "
            "95 % confidence. More months narrow this down."
        )
    guess = "none" if not missed else f"about {missed:,}"
    more = " More months narrow this down." if most - least > max(10, missed) else ""
    return (
        f"So you would probably have approved {guess} of {where}: with 95 % confidence between {least:,} and "
        f"{most:,}.{more}"
    )


# --- the chart ---


def draw_recall(stored: Sequence[StoredMetrics]) -> RecallPicture | None:
    """Draw the mean over the months with both printed and unprinted posts; None if there are none."""
    months = [each for each in stored if _has_both(each.data)]
    if not months:
        return None
    keys = [key for key in ORDERS if all(key in each.data["orders"] for each in months)]
    deepest = max(each.data["n"] for each in months)
    first, last = months[-1].month, months[0].month
    depths = sorted({round(deepest * step / STEPS) for step in range(STEPS + 1)})
    return RecallPicture(
        months=first.name if first == last else t("{first} to {last}", first=first.name, last=last.name),
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
