"""A digest as data: the shape of the API."""

from __future__ import annotations

import json
from typing import Any

from aggregator.digest.editions.issue import Issue
from aggregator.digest.editions.outline import OutlinedLine


def describe_issue(issue: Issue) -> dict[str, Any]:
    """Describe a digest in plain values."""
    return {
        "month": str(issue.month),
        "name": issue.name,
        "title": issue.title,
        "language": issue.language,
        "curator": issue.curator,
        "made_at": issue.made_at.isoformat(),
        "url": issue.url,
        "sections": [
            {
                "id": section.anchor,
                "number": str(section.section),
                "part": section.section.part,
                "topic": section.section.topic,
                "part_heading": issue.digest.texts.parts[section.section.part],
                "heading": issue.digest.texts.topics[section.section.topic],
                "lines": [_describe_line(line) for line in section.lines],
            }
            for section in issue.sections
        ],
        "chosen": issue.chosen,
    }


def write_data(issue: Issue) -> str:
    """Write it as JSON."""
    return json.dumps(describe_issue(issue), ensure_ascii=False, indent=1) + "\n"


def _describe_line(outlined: OutlinedLine) -> dict[str, Any]:
    line = outlined.line
    return {
        "id": outlined.anchor,
        "url": line.url,
        "title": outlined.title,
        "month": str(line.month) if line.month else None,
        "organisation": outlined.organisation,
        "note": line.note,
        "highlight": line.is_highlight,
        "language": outlined.language,
        "html": outlined.html,
    }
