"""What the terminal says until the first round of the daemon is done."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from aggregator.cli import activity as shown
from aggregator.pipeline.activity import Activity, Stage


async def _play(activity: Activity, written: io.StringIO, awaited: list[str]) -> None:
    """A round, whose steps each wait until they are told of."""

    async def is_told(said: str) -> None:
        while said not in written.getvalue():
            await asyncio.sleep(0)

    with activity.round():
        showing = asyncio.create_task(shown.show_first_round(activity))
        activity.feeds = 123
        activity.visited, activity.posts = 37, 512
        await is_told(awaited[0])
        activity.visited, activity.posts = 123, 1000
        activity.enter(Stage.RANK)
        await is_told(awaited[-1])
    await showing


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_has_a_line_that_moves_and_a_journal_plain_lines(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    awaited = ["Visited 37 of 123 feeds, 512 posts so far", "Sorting and ranking 1,000 posts"]
    written = io.StringIO()
    monkeypatch.setattr(shown, "err", Console(file=written, force_terminal=is_terminal, highlight=False, width=100))
    monkeypatch.setattr(shown, "_PAUSE", 0)

    asyncio.run(asyncio.wait_for(_play(Activity(), written, awaited), 30))

    said = written.getvalue()
    assert said.endswith("Visited 123 feeds, 1,000 posts.\n")
    assert ("\x1b" in said) is is_terminal
    if not is_terminal:
        assert said.splitlines() == [*awaited, "Visited 123 feeds, 1,000 posts."]
