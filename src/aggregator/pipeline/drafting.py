"""Drafts of notes: asks a language model that the curator named, for one post at a time. The draft is not stored, only
hashes of its words, so that the receipt of a printed note can say whether it has some of it.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import structlog

from aggregator.addresses.urls import host_of
from aggregator.config.settings import DraftingSettings
from aggregator.digest.drafting.answer import read_answer
from aggregator.digest.drafting.grounds import list_claims, list_sources
from aggregator.digest.drafting.kept import list_marks
from aggregator.digest.drafting.prompt import choose_examples, choose_language, write_prompt
from aggregator.exceptions import DraftingError, NotFoundError
from aggregator.fetch.chat import ask
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import open_endpoint
from aggregator.storage.articles import find_article
from aggregator.storage.candidates import get_candidate
from aggregator.storage.printed_notes import list_noted_lines
from aggregator.storage.receipts import NoteDraft, add_draft
from aggregator.text.paragraphs import Paragraph, read_paragraphs
from aggregator.types import Credentials, DraftedNote, Post, Prompt

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made of, and all that would be sent for it."""

    post: Post
    source: str
    paragraphs: tuple[Paragraph, ...]
    #: Of the note.
    language: str
    prompt: Prompt


@dataclass(frozen=True)
class Drafter:
    """Asks the endpoint of the settings, with the key of the environment."""

    home: Home
    key: Credentials | None
    _asking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def settings(self) -> DraftingSettings:
        return self.home.settings.drafting

    @property
    def is_on(self) -> bool:
        return bool(self.settings.endpoint)

    @property
    def host(self) -> str:
        """Where everything is sent, to be shown."""
        return host_of(self.settings.endpoint)

    def gather(self, post_id: int) -> Material:
        """Gather what would be sent for a post; nothing is sent. Raises NotFoundError, also if drafting is off."""
        if not self.is_on:
            raise NotFoundError(t("notes are not drafted: drafting.endpoint of feeds.toml is empty"))
        with self.home.reading() as connection:
            candidate = get_candidate(connection, post_id)
            article = find_article(connection, post_id)
            noted = list_noted_lines(connection, without=post_id) if self.settings.examples else []
        post = candidate.post
        paragraphs = read_paragraphs(article.html) if article else [Paragraph("p", post.text)]
        examples = choose_examples(noted, str(candidate.section or "") or None, self.settings.examples)
        source = post.organisation or candidate.feed_name or host_of(post.url)
        text = "\n".join(one.text for one in paragraphs)
        prompt = write_prompt(post, source, text, examples, self.settings.characters, self.home.taxonomy)
        return Material(post, source, tuple(paragraphs), choose_language(post, examples), prompt)

    async def draft(self, material: Material) -> DraftedNote:
        """Send what was gathered, look the answer up in the post, and note its draft. Raises DraftingError."""
        if not self._asking.acquire(blocking=False):
            raise DraftingError(t("another note is being drafted; ask again when it is there"))
        settings, post = self.settings, material.post
        try:
            log.info("post sent for a draft", post=post.id, to=self.host, model=settings.model)
            async with open_endpoint(self.home.settings) as retriever:
                said = await ask(retriever, settings.endpoint, settings.model, material.prompt, self.key)
        finally:
            self._asking.release()
        return await asyncio.to_thread(self._note, said, material)

    def _note(self, said: str, material: Material) -> DraftedNote:
        """Read an answer, and note by hashes of its words that the post had this draft."""
        made = _check(said, self.settings.model, material)
        draft = NoteDraft(material.post.id, self.home.now, made.model, list_marks(made.text))
        with self.home.database.writing() as connection:
            add_draft(connection, draft)
        return made


def _check(said: str, model: str, material: Material) -> DraftedNote:
    post, paragraphs = material.post, material.paragraphs
    answer = read_answer(said, [post.url, post.canonical_url, *post.links])
    claims = list_claims(answer, post.title, paragraphs, material.source)
    return DraftedNote(model, answer.markdown, material.language, claims, list_sources(answer, paragraphs))
