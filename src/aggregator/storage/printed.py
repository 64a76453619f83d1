"""Which posts were printed, and where, and up to when the curator has seen everything; as parts of queries."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables import digest_lines, digests, posts
from aggregator.types import DigestState

#: Whether a digest was printed, or read from a published file.
IS_PUBLISHED = digests.c.state != str(DigestState.DRAFT)

_OF_LINE = posts.alias("of_line")

#: What digests, and pages that were read, have printed, by post; a draft prints nothing. ``printed_in`` is the first
#: month whose digest printed the post; if only a page printed it (``on_page``), the month of the post.
PRINTED = (
    sa.select(
        digest_lines.c.post_id,
        sa.func.coalesce(sa.func.min(digests.c.month), sa.func.min(_OF_LINE.c.month)).label("printed_in"),
        sa.func.min(digests.c.month).is_(None).label("on_page"),
    )
    .join(digests, digests.c.id == digest_lines.c.digest_id)
    .join(_OF_LINE, _OF_LINE.c.id == digest_lines.c.post_id)
    .where(IS_PUBLISHED)
    .group_by(digest_lines.c.post_id)
)
#: Whether a post was printed in anything.
IS_PRINTED = sa.exists().where(
    digest_lines.c.post_id == posts.c.id,
    digests.c.id == digest_lines.c.digest_id,
    IS_PUBLISHED,
)

#: Until when everything is printed or passed over; null if no page was read.
SEEN_UNTIL = sa.select(sa.func.max(digests.c.until_at)).scalar_subquery()
#: Whether a post was out by then. It may have been printed, or be decided later.
IS_SEEN = sa.func.coalesce(posts.c.published_at < SEEN_UNTIL, sa.false())
