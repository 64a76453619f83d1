"""What came of telling other programs of a print, in words. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.digest.delivery import find_state
from aggregator.locales import mark, t
from aggregator.locales.retelling import retell
from aggregator.pipeline.work_tree import FAILURES
from aggregator.types import Delivery, DeliveryKind, DeliveryState
from aggregator.words.reasons import say_reason

_SAID = {
    (DeliveryKind.COMMAND, DeliveryState.WAITING): mark("The command waits or runs."),
    (DeliveryKind.COMMAND, DeliveryState.DONE): mark("The command ended well, {moment}."),
    (DeliveryKind.COMMAND, DeliveryState.FAILED): mark("The command failed, {moment}: {reason}"),
    (DeliveryKind.WEBHOOK, DeliveryState.WAITING): mark("The webhook waits."),
    (DeliveryKind.WEBHOOK, DeliveryState.DONE): mark("The webhook was told, {moment}."),
    (DeliveryKind.WEBHOOK, DeliveryState.FAILED): mark("The webhook was not told, last tried {moment}: {reason}"),
    (DeliveryKind.COMMIT, DeliveryState.WAITING): mark("The commit waits."),
    (DeliveryKind.COMMIT, DeliveryState.DONE): mark("Committed, {moment}."),
    (DeliveryKind.COMMIT, DeliveryState.FAILED): mark("It is not committed, last tried {moment}: {reason}"),
}
_TRIED_AGAIN = {
    DeliveryKind.WEBHOOK: mark("The webhook was not told yet, and is tried again: {reason}"),
    DeliveryKind.COMMIT: mark("It is not committed yet, and is tried again: {reason}"),
}
# As ``pipeline.after_print`` writes them.
_FAILURES = (
    mark("it cannot be started: {error}"),
    mark("it took more than {seconds} seconds"),
    mark("it was ended by signal {number}"),
    mark("it ended with exit code {number}: {output}"),
    mark("it ended with exit code {number}"),
    *FAILURES,
)
_REASON = 300


def say_delivery(delivery: Delivery, now: datetime, zone: ZoneInfo) -> str:
    """Say in a sentence what came of it."""
    state = find_state(delivery, now)
    said = _SAID[delivery.kind, state]
    if state is DeliveryState.WAITING and delivery.failure:
        said = _TRIED_AGAIN[delivery.kind]
    moment = delivery.done_at or delivery.tried_at
    return t(said, moment=words.day_and_time(moment, zone) if moment else "", reason=_say_failure(delivery.failure))


def has_failed(delivery: Delivery, now: datetime) -> bool:
    """Whether the curator has to do something."""
    return find_state(delivery, now) is DeliveryState.FAILED


def _say_failure(failure: str) -> str:
    return words.sentence(words.cut(retell(say_reason(failure), _FAILURES), _REASON)) if failure else ""
