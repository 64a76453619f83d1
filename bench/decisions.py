"""How many decisions a digest with parts and topics of its own needs: the model learns from so many posts of each class
and from nothing that the project ships, and guesses the other posts.

    python bench/decisions.py posts-2026.jsonl topic,part,scope
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import mean

from aggregator.classify import model
from aggregator.classify.features import describe_post
from aggregator.classify.metrics import measure_auc, measure_axis
from aggregator.classify.training import Row
from aggregator.evaluate.examples import Example, read_examples
from aggregator.shipped import SHIPPED
from aggregator.types import Part, Taxonomy, Topic

COUNTS, DRAWS, MOST_POSTS = (5, 10, 20, 40, 80), 5, 1500
#: The same keys, but without a reserved part, so that the shipped rows do not serve.
OWN = Taxonomy.of(map(Part, SHIPPED.parts), map(Topic, SHIPPED.topics))


def read_file(file: Path) -> list[Example]:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    if any("part" not in line and line.get("scope") != "out" for line in lines):
        # A list with topics alone.
        lines = [{"part": SHIPPED.parts[1], "organisation": line.get("org"), **line} for line in lines]
    Random(1).shuffle(lines)
    return read_examples("\n".join(map(json.dumps, lines[:MOST_POSTS])), str(file), SHIPPED)


def name_class(example: Example, axis: str) -> str | None:
    if axis == "scope":
        return model.IN if example.section else model.OUT
    return str(getattr(example.section, axis)) if example.section else None


def measure(rows: Sequence[Row], classes: Sequence[str | None], axis: str, count: int, seed: int) -> float:
    """Macro-F1, of scope the AUC; a third of each class is always kept to measure with."""
    of_class = defaultdict(list)
    for place, name in enumerate(classes):
        if name:
            of_class[name].append(place)
    taught, asked = [], []
    for name in sorted(of_class):
        places = of_class[name]
        Random(f"{seed} {name}").shuffle(places)
        enough = min(count, len(places) * 2 // 3)
        taught += places[:enough]
        asked += places[enough:]
    belief = model.fit_model([rows[place] for place in taught], OWN).believe([rows[place].document for place in asked])
    truth = [classes[place] or "" for place in asked]
    if axis == "scope":
        return measure_auc([name == model.OUT for name in truth], belief.out.tolist()) or 0.0
    names, believed = (OWN.topics, belief.topics) if axis == "topic" else (OWN.parts, belief.parts)
    return measure_axis(truth, [dict(zip(names, row, strict=True)) for row in believed.tolist()]).macro_f1


def main(file: Path, axes: Sequence[str]) -> None:
    model.LEAST_OF_CLASS = 1
    examples = read_file(file)
    rows = [
        Row(describe_post(one.to_post(n)), OWN.find_section(one.section.key) if one.section else None, "decision")
        for n, one in enumerate(examples)
    ]
    for axis in axes:
        classes = [name_class(one, axis) for one in examples]
        for count in COUNTS:
            found = [measure(rows, classes, axis, count, seed) for seed in range(DRAWS)]
            print(f"{axis:6} {count:3} of each  {mean(found):.2f} ({min(found):.2f} to {max(found):.2f})", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].split(","))
