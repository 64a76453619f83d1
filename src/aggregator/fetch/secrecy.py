"""Keeps the credentials of a feed out of what is stored and shown about its visits."""

from __future__ import annotations

import base64
import html
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus, unquote_plus

from aggregator.addresses.urls import HIDDEN, hide_credentials, list_secret_parameters
from aggregator.types import Credentials, FeedUpdate

# A shorter secret would match in any text.
_SHORTEST = 4


def list_secrets(url: str, credentials: Credentials | None) -> tuple[str, ...]:
    """The secrets of a request, in the forms in which servers quote them; the longest first."""
    plain = set(list_secret_parameters(url))
    if credentials is not None:
        plain.update(_read_authorization(credentials.authorization))
    plain |= {unquote_plus(secret) for secret in plain}
    forms = {form for secret in plain for form in _list_forms(secret)}
    return tuple(sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True))


def _read_authorization(value: str) -> Iterator[str]:
    """The value of the field, the part after the scheme, and for Basic also "name:password" and the password."""
    scheme, _, rest = value.partition(" ")
    yield value
    yield rest
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(rest, validate=True).decode("utf-8", "replace")
        except (NotBase64, ValueError):
            return
        yield pair
        yield pair.partition(":")[2]


def _list_forms(secret: str) -> set[str]:
    return {secret, html.escape(secret), quote(secret, safe=""), quote_plus(secret)}


def hide(text: str, secrets: tuple[str, ...]) -> str:
    """The text without these secrets, even if one is cut at its end, and without those in addresses."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for secret in secrets:
        cut = next((size for size in range(len(secret) - 1, _SHORTEST - 1, -1) if text.endswith(secret[:size])), 0)
        text = text[: len(text) - cut] + HIDDEN if cut else text
    return hide_credentials(text)


def hide_in_update(update: FeedUpdate, secrets: tuple[str, ...]) -> FeedUpdate:
    """The update without the secrets in its reason and excerpt."""
    visit, state = update.visit, update.state
    if visit.reason is None and state.last_reason is None and state.last_excerpt is None:
        return update
    reason, last_reason, excerpt = (
        text and hide(text, secrets) for text in (visit.reason, state.last_reason, state.last_excerpt)
    )
    return replace(
        update,
        visit=replace(visit, reason=reason),
        state=replace(state, last_reason=last_reason, last_excerpt=excerpt),
    )
