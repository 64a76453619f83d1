"""The first round of the daemon on the terminal."""

from __future__ import annotations

import asyncio

from aggregator.cli.base import err
from aggregator.locales import t
from aggregator.pipeline.activity import Activity
from aggregator.words.activity import say_activity

# Seconds between two looks.
_PAUSE = 0.1


async def show_first_round(activity: Activity) -> None:
    """Say until the end of the first round what is done: in one line that moves, or in lines if standard error is not
    a terminal.
    """
    if err.is_interactive:
        with err.status(t("Starting")) as status:
            while not activity.rounds:
                status.update(say_activity(activity) or t("Starting"))
                await asyncio.sleep(_PAUSE)
    else:
        told: object = None
        while not activity.rounds:
            step = activity.feeds and (activity.stage, activity.feeds)
            if step and step != told:
                told = step
                err.print(say_activity(activity), soft_wrap=True)
            await asyncio.sleep(_PAUSE)
    said = say_activity(activity) or t("No feed was due")
    err.print(f"{said}.", soft_wrap=True)
