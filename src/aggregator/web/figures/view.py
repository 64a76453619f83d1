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
from aggregator.locales import mark, t, tn
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
    (
        mark("Precision at n"),
        mark("the share of the first n posts that was printed; n is the number of printed posts"),
    ),
    (mark("Recall at 2n"), mark("the share of the printed posts that is among the first 2n")),
    (
        mark("Average precision"),
        mark("the share printed among the posts down to each printed post, averaged over these"),
    ),
    (mark("90 % within"), mark("how many posts to read until 90 % of the printed ones are seen")),
    (mark("All within"), mark("how many posts to read until all printed ones are seen")),
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
            OrderView(words.capitalise(t(name)), key == "ours", _list_cells(data["orders"][key]))
            for key, name in ORDERS.items()
            if key in data["orders"] and _has_both(data)
        ),
        measured=words.day(stored.made_at, zone),
    )


def _has_both(data: Mapping[str, Any]) -> bool:
    return bool(0 < data["printed"] < data["n"])


def _say_month(data: Mapping[str, Any]) -> list[str]:
    n, printed = data["n"], data["printed"]
    said = [
        tn(
            "{printed} of {number} candidate printed.",
            "{printed} of {number} candidates printed.",
            n,
            printed=f"{printed:,}",
        )
    ]
    if not printed:
        return said
    if printed == n:
        return [*said, t("The month has no other posts, so there is nothing to compare.")]
    places = data["orders"]["ours"]["places"]
    said.append(
        t(
            "The shortlist of {size} had {shortlisted} of them. To find 90 % of them you would have had to go down to "
            "rank {most}, and to rank {last} for the last one.",
            size=data["shortlist"],
            shortlisted=data["shortlisted"],
            most=f"{find_depth(places, 0.9):,}",
            last=f"{places[-1]:,}",
        )
    )
    said.append(
        tn(
            "Going down to 85 % of them saves about {number} minute compared with looking at all {posts}, if one post "
            "takes {seconds} seconds (an assumption).",
            "Going down to 85 % of them saves about {number} minutes compared with looking at all {posts}, if one post "
            "takes {seconds} seconds (an assumption).",
            round(data["minutes_saved"]),
            posts=f"{n:,}",
            seconds=f"{data['seconds_a_post']:.0f}",
        )
    )
    return said


def _say_kinds(data: Mapping[str, Any]) -> list[str]:
    """Say what posts disclosed, and how many were likely out of scope; older metrics have neither."""
    kinds = data.get("disclosed", {}).items()
    said = [
        t("{found} {kind} ({printed} printed)", found=f"{found:,}", kind=t(kind), printed=_say_some(printed))
        for kind, (found, printed) in kinds
    ]
    sentences = [t("Candidates by what they disclose: {kinds}.", kinds=", ".join(said))] if said else []
    beyond, printed = data.get("beyond_scope", (0, 0))
    if beyond:
        sentences.append(
            t(
                "{found} were likely out of scope and not proposed ({printed} printed).",
                found=f"{beyond:,}",
                printed=_say_some(printed),
            )
        )
    return sentences


def _say_some(number: int) -> str:
    return f"{number:,}" if number else t("none")


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
    estimate = estimate_missed(looks)
    if estimate is None:
        return [
            tn(
                "{number} spot check below the shortlist, not decided yet.",
                "{number} spot checks below the shortlist, not decided yet.",
                len(looks),
            )
        ]
    drawn = tn("{number} spot check below the shortlist", "{number} spot checks below the shortlist", len(looks))
    decided = tn(
        "Of {drawn}, {number} was decided and {approved} approved.",
        "Of {drawn}, {number} were decided and {approved} approved.",
        estimate.looked_at,
        drawn=drawn,
        approved=_say_some(estimate.approved),
    )
    return [decided, _say_estimate(estimate, len(months))]


def _say_estimate(estimate: Estimate, months: int) -> str:
    least, missed, most = (round(value) for value in (estimate.least, estimate.missed, estimate.most))
    where = t("the {posts} posts below it", posts=f"{estimate.below:,}")
    if months > 1:
        where = t("the {posts} posts below it in {months} months", posts=f"{estimate.below:,}", months=months)
    more = t("More months narrow this down.")
    values = {"least": f"{least:,}", "most": f"{most:,}", "where": where}
    if estimate.looked_at < _FEW_LOOKS:
        said = t(
            "So few spot checks say little: you would have approved between {least} and {most} of {where}, with 95 % "
            "confidence.",
            **values,
        )
        return f"{said} {more}"
    said = t(
        "So you would probably have approved {guess} of {where}: with 95 % confidence between {least} and {most}.",
        guess=t("about {number}", number=f"{missed:,}") if missed else t("none"),
        **values,
    )
    return f"{said} {more}" if most - least > max(10, missed) else said


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
        curves=tuple(Curve(key, words.capitalise(t(ORDERS[key])), _draw_path(months, key, depths)) for key in keys),
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
