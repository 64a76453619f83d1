"""How often the first guess is right, on posts that were not fitted.

    python bench/sections.py [FOLDER WITH labelled.jsonl]

The model is fitted on the written rows alone: then the lines of the January 2023 digest are posts it never saw, and so
are the titles of the public list, where that is at hand. Cross-validation is on the written rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from aggregator.classify.features import Document, describe
from aggregator.classify.model import SectionModel, fit_model
from aggregator.classify.training import Row, load_shipped_rows
from aggregator.urls import host_of


def tell(name: str, truth: Sequence[str], head: object, features: object) -> None:
    probabilities = head.predict_proba(features)
    classes = head.classes_
    order = np.argsort(-probabilities, axis=1)
    first = [classes[row[0]] for row in order]
    second = [want in classes[row[:2]] for want, row in zip(truth, order, strict=True)]
    right = np.mean([want == guess for want, guess in zip(truth, first, strict=True)])
    macro = f1_score(truth, first, average="macro")
    print(f"{name:44} n {len(truth):5}  right {right:.3f}  macro-F1 {macro:.3f}  among first two {np.mean(second):.3f}")


def tell_rows(name: str, model: SectionModel, rows: Sequence[Row]) -> None:
    inside = [row for row in rows if row.section is not None]
    features = model.vectorize([row.document for row in inside])
    tell(f"{name}: topics", [str(row.section.topic) for row in inside], model.topic, features)
    tell(f"{name}: parts", [str(row.section.part) for row in inside], model.part, features)


def tell_list(name: str, model: SectionModel, items: Sequence[dict[str, str]]) -> None:
    documents: list[Document] = [
        describe(
            title=item["title"], text=item.get("summary") or "", host=host_of(item["url"]), organisation=item.get("org")
        )
        for item in items
    ]
    tell(name, [item["topic"] for item in items], model.topic, model.vectorize(documents))


def cross_validate(rows: Sequence[Row]) -> None:
    labels = [str(row.section) for row in rows]
    truth, guessed = [], []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels):
        model = fit_model([rows[i] for i in train])
        features = model.vectorize([rows[i].document for i in test])
        truth += ["in" if rows[i].section else "out" for i in test]
        guessed += list(model.scope.predict(features))
    print(f"written rows, 5 folds: scope macro-F1 {f1_score(truth, guessed, average='macro'):.3f}")


if __name__ == "__main__":
    everything = load_shipped_rows()
    written = [row for row in everything if row.origin == "written"]
    fitted = fit_model(written)
    tell_rows("January 2023 digest", fitted, [row for row in everything if row.origin != "written"])
    cross_validate(written)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared"
    if (folder / "labelled.jsonl").is_file():
        listed = [json.loads(line) for line in (folder / "labelled.jsonl").read_text("utf-8").splitlines()]
        tell_list("public list: topics", fitted, listed)
        tell_list("public list, Korean: topics", fitted, [item for item in listed if item.get("language") == "ko"])
