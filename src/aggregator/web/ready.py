"""``/healthz`` and ``/readyz`` for monitoring: whether the daemon answers, and whether all is well. Public, so without
secrets.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from aggregator.app import App
from aggregator.pipeline import follow
from aggregator.storage.candidates import count_lost
from aggregator.storage.digests import list_digests
from aggregator.storage.feeds import find_last_success
from aggregator.storage.patience import waiting_at_most

router = APIRouter()

log = structlog.get_logger()

#: The result of one check, as in the JSON.
Found = dict[str, Any]

# The time limit of each check. A result is also reused for so long, so that many requests do not keep the daemon busy.
_SECONDS = 1.0
# The write-ahead log of the database takes up to 32 MB, and a model 5 MB.
_LEAST_FREE_MEGABYTES = 100


@dataclass
class _Look:
    """A check that may hang, in its own thread. While it runs, it is not started again."""

    look: Callable[[], Found]
    _under_way: Future[Found] | None = None

    async def take(self) -> Found:
        start = time.perf_counter()
        if self._under_way is None:
            self._under_way = Future()
            # The program does not wait for it at its end.
            threading.Thread(target=self._work, args=(self._under_way,), daemon=True).start()
        done, _ = await asyncio.wait({asyncio.wrap_future(self._under_way)}, timeout=_SECONDS)
        if not done:
            return _describe(f"it did not answer within {_SECONDS:g} second")
        found, self._under_way = self._under_way.result(), None
        return found | {"seconds": round(time.perf_counter() - start, 3)}

    def _work(self, result: Future[Found]) -> None:
        try:
            with waiting_at_most(_SECONDS):
                result.set_result(self.look())
        except Exception as error:
            # Its message may contain the host.
            log.error("the daemon is not ready", reason=str(error))
            result.set_result(_describe("it failed; the log says why"))


class Readiness:
    """Checks whether all is well, at most once a second.

    *watched* are further checks by name: each returns at once what is wrong, or None.
    """

    def __init__(self, app: App, watched: Mapping[str, Callable[[], str | None]]) -> None:
        self._app = app
        self._watched = watched
        self._looks = {
            "database": _Look(self._ask_database),
            "visits": _Look(self._ask_visits),
            "disk": _Look(self._measure_disk),
        }
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._found: dict[str, Found] = {}

    async def look(self) -> dict[str, Found]:
        """Return the results by name: ``ok``, a ``reason`` if it is not, and figures."""
        async with self._looking:
            if time.monotonic() - self._looked_at >= _SECONDS:
                found = await asyncio.gather(*(look.take() for look in self._looks.values()))
                told = {name: _describe(find_trouble()) for name, find_trouble in self._watched.items()}
                self._found = dict(zip(self._looks, found, strict=True)) | told
                self._looked_at = time.monotonic()
            return self._found

    def _ask_database(self) -> Found:
        with self._app.reading() as connection:
            list_digests(connection)
            lost = count_lost(connection)
        return _describe(None, lost_sections=lost) if lost else _describe(None)

    def _ask_visits(self) -> Found:
        alarm = follow.find_alarm(self._app)
        with self._app.reading() as connection:
            last = find_last_success(connection)
        age = round((self._app.now - last).total_seconds()) if last else None
        return _describe("nothing has succeeded for too long" if alarm else None, last_success_seconds=age)

    def _measure_disk(self) -> Found:
        free = shutil.disk_usage(self._app.config.home).free // 1_000_000
        is_low = free < _LEAST_FREE_MEGABYTES
        return _describe(f"less than {_LEAST_FREE_MEGABYTES} MB are free" if is_low else None, free_megabytes=free)


def _describe(reason: str | None, **figures: Any) -> Found:
    return {"ok": reason is None} | ({"reason": reason} if reason else {}) | figures


@router.get("/healthz")
async def check_alive() -> Response:
    """Answer that the process runs; it does not check anything else."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def check_ready(request: Request) -> Response:
    """Answer 200 if all is well, else 503; the JSON says what is wrong."""
    readiness: Readiness = request.app.state.readiness
    found = await readiness.look()
    is_ready = all(each["ok"] for each in found.values())
    return JSONResponse({"ready": is_ready, "checks": found}, 200 if is_ready else 503)
