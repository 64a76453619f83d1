"""Asks a language model: the protocol of OpenAI's chat completions, as Ollama, llama.cpp and vLLM speak it, too."""

from __future__ import annotations

import json
from typing import Any

from aggregator.exceptions import DraftingError, RetrieveError
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.secrecy import hide, list_secrets
from aggregator.locales import t
from aggregator.text.html import normalise, shorten
from aggregator.types import Credentials, Prompt, Retrieved

#: Bytes of an answer that are read.
MOST_BYTES = 1_000_000
#: Characters of a message of the endpoint that are said.
_LONGEST = 200


def write_request(model: str, prompt: Prompt) -> bytes:
    """Write what is sent. Only what every endpoint understands: no limit of tokens, no temperature."""
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    return json.dumps({"model": model, "messages": messages, "stream": False}, ensure_ascii=False).encode()


async def ask(
    retriever: Retriever, endpoint: str, model: str, prompt: Prompt, credentials: Credentials | None = None
) -> str:
    """Return what the model answers, as it is. Raises DraftingError with the reason in one sentence, without secrets.

    *endpoint* is the base address, such as http://127.0.0.1:11434/v1.
    """
    url = f"{endpoint}/chat/completions"
    try:
        answer = await retriever.post(url, write_request(model, prompt), credentials=credentials)
    except RetrieveError as error:
        raise DraftingError(error.reason) from error
    if not 200 <= answer.status < 300:
        raise DraftingError(_say_status(answer, model, list_secrets(url, credentials)))
    return _read(answer)


def _say_status(answer: Retrieved, model: str, secrets: tuple[str, ...]) -> str:
    status = answer.status
    if status in {401, 403}:
        # What it says may quote the key.
        return t("the endpoint does not accept the key (HTTP {status}); see drafting.credentials", status=status)
    said = shorten(normalise(hide(_find_message(answer), secrets)), _LONGEST)
    if status == 404:
        sentence = t("the endpoint does not know the model {model}, or the address is wrong (HTTP 404)", model=model)
    elif status == 429:
        sentence = t("the endpoint asks to wait, or its quota is used up (HTTP 429)")
    elif status >= 500:
        sentence = t("the endpoint is in trouble (HTTP {status})", status=status)
    else:
        sentence = t("the endpoint does not take the question (HTTP {status})", status=status)
    return f"{sentence}: {said}" if said else sentence


def _find_message(answer: Retrieved) -> str:
    """What the endpoint says of a failure: ``{"error": {"message": …}}``, or the error itself."""
    found = _parse(answer.body)
    error = found.get("error") if isinstance(found, dict) else None
    said = error.get("message") if isinstance(error, dict) else error
    return said if isinstance(said, str) else ""


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _read(answer: Retrieved) -> str:
    if answer.is_cut:
        raise DraftingError(t("the answer is too long, or broke off"))
    try:
        choice = _parse(answer.body)["choices"][0]
        text, is_cut = choice["message"]["content"], choice.get("finish_reason") == "length"
    except (TypeError, KeyError, IndexError, AttributeError):
        raise DraftingError(t("the answer is not one of a language model; is drafting.endpoint right?")) from None
    if is_cut:
        raise DraftingError(t("the endpoint cut off the answer: its limit is too low for the text and the note"))
    if not isinstance(text, str) or not text.strip():
        raise DraftingError(t("the answer is empty"))
    return text
