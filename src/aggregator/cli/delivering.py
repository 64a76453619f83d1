"""What commands tell others of what they printed or corrected, without waiting for the daemon."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.types import Month


def deliver(aggregator: App, month: Month) -> list[str]:
    """Tell others what is due; returns what came of the last thing about a month."""
    from aggregator.pipeline import after_print
    from aggregator.pipeline.deliver import deliver_due
    from aggregator.words.deliveries import say_delivery

    asyncio.run(deliver_due(aggregator, aggregator.config, threading.Event()))
    return [say_delivery(each, aggregator.now, aggregator.zone) for each in after_print.list_last(aggregator, month)]
