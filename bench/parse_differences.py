"""Counts by field and kind where our reader of feeds and feedparser differ.

   python bench/parse_differences.py [FOLDER OF FEED DOCUMENTS] [--examples]

Over the documents as they are, and over each of them, shortened, with every oddity of tests/differences.py. Prints a
table of counts; with --examples also one example of every kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from differences import ODDITIES, Disagreement, list_disagreements, make_odd

ROOT = Path(__file__).parents[1]


def main() -> None:
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    folder = Path(folders[0]) if folders else ROOT.parent / "shared" / "feeds"
    bodies = [file.read_bytes() for file in sorted(folder.glob("*.xml"))]
    recorded: Counter[tuple[str, str]] = Counter()
    odd: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], tuple[str, Disagreement]] = {}
    for body in bodies:
        for found in list_disagreements(body):
            recorded[found[:2]] += 1
            examples.setdefault(found[:2], ("recorded", found))
    for oddity in ODDITIES:
        for body in make_odd(bodies, oddity):
            for found in list_disagreements(body):
                odd[found[:2]] += 1
                examples.setdefault(found[:2], (oddity, found))
    print(f"{len(bodies)} documents as they are, {len(bodies) * len(ODDITIES)} made odd")
    print("| field | kind | recorded | made odd |\n|---|---|---|---|")
    for field, kind in sorted(recorded | odd):
        print(f"| {field} | {kind} | {recorded[field, kind]:,} | {odd[field, kind]:,} |")
    if "--examples" in sys.argv:
        for (field, kind), (where, found) in sorted(examples.items()):
            print(f"\n{field}, {kind} ({where}):\n  ours   {found.ours!r:.200}\n  theirs {found.theirs!r:.200}")


if __name__ == "__main__":
    main()
