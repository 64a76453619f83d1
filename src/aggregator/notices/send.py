"""Sends messages to URLs of Apprise. The only file that knows it.

Apprise says in its log why a message was not accepted, and quotes URLs there. So its log is read here, and only what
cannot be a secret is passed on.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.util import find_spec

from aggregator.exceptions import MissingExtraError
from aggregator.locales import mark, t
from aggregator.processes import run_apart

#: For all messages together, which are sent at once.
_SECONDS = 30
_TITLE = "aggregator"
_UNKNOWN = mark("Apprise does not know such a URL")
_REFUSED = mark("the service answered with status {status}")
_FAILED = mark("the service could not be reached, or did not take it")
_LATE = mark("it took more than {seconds} seconds")
_DIED = mark("the process that sends has died")

#: Why a message was not sent, as a sentence to say with its values; empty if it was.
Outcome = tuple[str, dict[str, str]]


def find_missing() -> MissingExtraError | None:
    """Return what is missing to send anything; None if all is there."""
    return None if find_spec("apprise") else MissingExtraError("notices.urls", "apprise", "notices")


def send_apart(urls: Mapping[str, str], texts: Mapping[str, str], stopping: threading.Event) -> dict[str, str]:
    """Send a text to each of the URLs with the same name, in a child process with a time limit. Returns why each was
    not sent; empty if it was.

    The process keeps Apprise with its two hundred services out of the daemon. Raises MissingExtraError, and
    StoppedError if *stopping* is set.
    """
    if missing := find_missing():
        raise missing
    try:
        found = run_apart(stopping, send_all, {name: (urls[name], text) for name, text in texts.items()})
    except ChildProcessError:
        return dict.fromkeys(texts, t(_DIED))
    return {name: t(said, **values) if said else "" for name, (said, values) in found.items()}


def send_all(messages: Mapping[str, tuple[str, str]], seconds: float = _SECONDS) -> dict[str, Outcome]:
    """Send to all URLs at once; what takes longer than *seconds* is left alone."""
    pool = ThreadPoolExecutor(len(messages))
    sending = {name: pool.submit(_send, url, text) for name, (url, text) in messages.items()}
    wait(sending.values(), timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    late: Outcome = (_LATE, {"seconds": f"{seconds:g}"})
    return {name: future.result() if future.done() else late for name, future in sending.items()}


def _send(url: str, text: str) -> Outcome:
    import apprise

    # The log goes nowhere else: it may quote the URL.
    logging.getLogger("apprise").propagate = False
    try:
        box = apprise.Apprise()
        service = apprise.Apprise.instantiate(url)
        if not isinstance(service, apprise.NotifyBase):
            return _UNKNOWN, {}
        box.add(service)
        sent = box.notify(body=text, title=_TITLE, body_format=apprise.NotifyFormat.TEXT)
        if sent:
            return "", {}
        said = "\n".join(entry.message for entry in sent.logs())
    except Exception:  # A service raises what its library raises, which may quote the URL too.
        return _FAILED, {}
    status = re.search(r"\berror=(\d{3})\b", said)
    return (_REFUSED, {"status": status[1]}) if status else (_FAILED, {})
