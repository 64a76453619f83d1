"""When a print is told to other programs, what it says and how it is signed. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.digest.render import render_line
from aggregator.types import Delivery, DeliveryKind, DeliveryState, Digest, Month

#: The longest that a command may run.
COMMAND_SECONDS = 120
#: How long a webhook is tried, and the pause after the first try; each further one is twice as long.
_LONGEST = timedelta(days=1)
_PAUSE = timedelta(minutes=1)


def describe_print(month: Month, digest: Digest, before: Digest | None, files: Sequence[str], at: datetime) -> str:
    """Describe a print as JSON: its files, and which lines are other than those that were printed *before*."""
    new = [render_line(line) for line in digest.lines]
    old = [render_line(line) for line in before.lines] if before else []
    known, kept = set(old), set(new)
    told = {
        "event": "print",
        "month": str(month),
        "again": before is not None,
        "printed_at": at.astimezone(UTC).isoformat(),
        "lines": len(new),
        "files": list(files),
        "difference": {
            "added": [line for line in new if line not in known],
            "removed": [line for line in old if line not in kept],
        },
    }
    return json.dumps(told, ensure_ascii=False)


def describe_correction(
    month: Month, files: Sequence[str], added: Sequence[str], removed: Sequence[str], at: datetime
) -> str:
    """Describe as JSON what was put right in the files of a printed month."""
    told = {
        "event": "correction",
        "month": str(month),
        "corrected_at": at.astimezone(UTC).isoformat(),
        "files": list(files),
        "difference": {"added": list(added), "removed": list(removed)},
    }
    return json.dumps(told, ensure_ascii=False)


def describe_commit(files: Sequence[str], message: str) -> str:
    """Describe as JSON what is to be committed."""
    return json.dumps({"files": list(files), "message": message}, ensure_ascii=False)


def list_files(delivery: Delivery) -> list[str]:
    """List the files that a print or a correction wrote."""
    files: list[str] = json.loads(delivery.body)["files"]
    return files


def is_due(delivery: Delivery, now: datetime) -> bool:
    """Whether it is to be told now. A command that failed waits for the curator; one that never ended, because the
    program did, is run again.
    """
    if delivery.done_at is not None or find_state(delivery, now) is DeliveryState.FAILED:
        return False
    if delivery.tried_at is None:
        return True
    is_command = delivery.kind is DeliveryKind.COMMAND
    pause = timedelta(seconds=2 * COMMAND_SECONDS) if is_command else _PAUSE * 2 ** (min(delivery.tries, 20) - 1)
    # A last try in the future was made under a wrong clock.
    return not timedelta() <= now - delivery.tried_at < pause


def find_state(delivery: Delivery, now: datetime) -> DeliveryState:
    """Find what came of it."""
    if delivery.done_at is not None:
        return DeliveryState.DONE
    is_last = delivery.kind is DeliveryKind.COMMAND or now - delivery.due_at >= _LONGEST
    return DeliveryState.FAILED if delivery.failure and is_last else DeliveryState.WAITING


def sign(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The header fields that show who sent a body, and when: HMAC-SHA256 of the time, a dot and the body."""
    timestamp = str(int(now.timestamp()))
    code = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return {"X-Aggregator-Timestamp": timestamp, "X-Aggregator-Signature-256": f"sha256={code.hexdigest()}"}
