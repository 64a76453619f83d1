"""The versions of the section model, and how many decisions came after the last one was fitted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.storage.actions import holds
from aggregator.storage.corrections import LAST_OF_SECTION
from aggregator.storage.judgements import FROM_DIGEST
from aggregator.storage.posts import UNINDEXED_MONTH
from aggregator.storage.rows import get_taxonomy, row_values, upsert
from aggregator.storage.tables import corrections, guesses, models, posts, verdicts
from aggregator.types import Acceptance, Decision, FittedModel, Month, Section


class TaughtLesson(NamedTuple):
    """A lesson that a model learned, as it is stored with the model."""

    post_id: int
    #: None if the post is out of scope.
    section: Section | None
    origin: str


# All but the lessons, which are long.
_MODELS = sa.select(*(column for column in models.c if column.name != "lessons"))


def list_models(connection: sa.Connection) -> list[FittedModel]:
    """List all versions, newest first."""
    return [_read_model(row) for row in connection.execute(_MODELS.order_by(models.c.made_at.desc(), models.c.version))]


def find_model(connection: sa.Connection, version: str) -> FittedModel | None:
    row = connection.execute(_MODELS.where(models.c.version == version)).one_or_none()
    return _read_model(row) if row else None


def get_model(connection: sa.Connection, version: str) -> FittedModel:
    """Return the model with this version, or the only one whose version contains it. Raises NotFoundError."""
    known = list_models(connection)
    found = [model for model in known if model.version == version] or [
        model for model in known if version and version in model.version
    ]
    if len(found) != 1:
        message = t("no model has the version {version}; `aggregator model list` shows them all", version=version)
        if found:
            message = t(
                "more than one model has the version {version}; `aggregator model list` shows them all", version=version
            )
        raise NotFoundError(message)
    return found[0]


def find_in_use(connection: sa.Connection) -> FittedModel | None:
    row = connection.execute(_MODELS.where(models.c.in_use)).one_or_none()
    return _read_model(row) if row else None


def find_last(connection: sa.Connection) -> FittedModel | None:
    """Return the model that was last fitted or found to be up to date, in use or not."""
    newest = (models.c.seen_at.desc(), models.c.last_verdict.desc(), models.c.last_correction.desc(), models.c.version)
    row = connection.execute(_MODELS.order_by(*newest).limit(1)).one_or_none()
    return _read_model(row) if row else None


def save_model(connection: sa.Connection, model: FittedModel, lessons: Sequence[TaughtLesson]) -> None:
    """Store a version and replace an earlier entry of it."""
    values = row_values(**{name: getattr(model, name) for name in FittedModel.__slots__})
    values |= {"rows": dict(model.rows), "figures": dict(model.figures)}
    values["lessons"] = [[post_id, section.key if section else None, origin] for post_id, section, origin in lessons]
    upsert(connection, models, [values], unique=["version"])


def list_taught(connection: sa.Connection, version: str) -> list[TaughtLesson]:
    """List what a model learned from the curator; empty if that is no longer stored."""
    found = connection.execute(sa.select(models.c.lessons).where(models.c.version == version)).scalar_one_or_none()
    find_section = get_taxonomy(connection).find_section
    return [
        TaughtLesson(post_id, find_section(key), origin)
        for post_id, key, origin in found or ()
        if key is None or find_section(key)
    ]


def put_in_use(connection: sa.Connection, version: str, now: datetime, *, pinned: bool) -> None:
    """Use only this version from now on; *pinned* keeps it until the curator unpins it."""
    connection.execute(models.update().where(models.c.in_use).values(in_use=False, pinned_at=None))
    values = {"in_use": True, "used_since": now, "pinned_at": now if pinned else None}
    connection.execute(models.update().where(models.c.version == version).values(values))


def unpin(connection: sa.Connection) -> None:
    connection.execute(models.update().values(pinned_at=None))


def mark_seen(connection: sa.Connection, version: str, now: datetime, last_verdict: int, last_correction: int) -> None:
    """Note that a version takes everything up to these numbers into account."""
    values = {"seen_at": now, "last_verdict": last_verdict, "last_correction": last_correction}
    connection.execute(models.update().where(models.c.version == version).values(values))


def forget_files(connection: sa.Connection, versions: Collection[str]) -> None:
    """Note that the files of these versions are gone. Their entries stay, without their lessons."""
    gone = models.c.version.in_(versions)
    connection.execute(models.update().where(gone).values(is_kept=False, lessons=[]))


def find_newest_words(connection: sa.Connection) -> tuple[int, int]:
    """Return the numbers of the newest verdict and the newest correction; 0 if there are none."""
    newest = sa.select(
        sa.select(sa.func.max(verdicts.c.id)).scalar_subquery(),
        sa.select(sa.func.max(corrections.c.id)).scalar_subquery(),
    )
    verdict, correction = connection.execute(newest).one()
    return verdict or 0, correction or 0


def count_decided_since(connection: sa.Connection, last_verdict: int, last_correction: int) -> int:
    """Count the posts with a verdict or correction after these numbers that may become a lesson."""
    said = sa.union(
        sa.select(verdicts.c.post_id).where(
            verdicts.c.id > last_verdict, verdicts.c.decision != str(Decision.HOLD), holds(verdicts)
        ),
        sa.select(corrections.c.post_id).where(
            corrections.c.id > last_correction, corrections.c.section.is_not(None), holds(corrections)
        ),
    ).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(said)).scalar_one()


class Sorted(NamedTuple):
    """How the curator's sections of a month compare with the guesses."""

    month: Month
    #: Approved by the curator, without lines of imported digests.
    approved: int
    #: Of these, how many are in the section that the model in use at that time guessed.
    left_as_guessed: int


def list_sorted(connection: sa.Connection, limit: int) -> list[Sorted]:
    """List the newest months in which the curator approved something, newest first."""
    corrected = LAST_OF_SECTION.subquery("corrected")
    is_left = sa.func.coalesce(corrected.c.section, guesses.c.section) == guesses.c.section
    query = (
        sa.select(UNINDEXED_MONTH, sa.func.count(), sa.func.sum(sa.case((is_left, 1), else_=0)))
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .join(guesses, guesses.c.post_id == posts.c.id)
        .outerjoin(corrected, corrected.c.post_id == posts.c.id)
        .where(verdicts.c.decision == str(Decision.APPROVE), verdicts.c.by.not_like(FROM_DIGEST))
        .group_by(UNINDEXED_MONTH)
    )
    newest = sorted(connection.execute(query).all(), reverse=True)[:limit]
    return [Sorted(Month.parse(month), approved, int(left)) for month, approved, left in newest]


def _read_model(row: sa.Row[Any]) -> FittedModel:
    values = dict(row._mapping)
    return FittedModel(**{**values, "acceptance": Acceptance(row.acceptance)})
