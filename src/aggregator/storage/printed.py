"""Parts of queries: which posts were printed and where, and up to when the curator has seen everything."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables import digest_lines, digests, posts
from aggregator.types import DigestState

#: Whether a digest was printed or imported.
IS_PUBLISHED = digests.c.state != str(DigestState.DRAFT)

_OF_LINE = posts.alias("of_line")

#: The posts that digests and imported pages printed; drafts do not count. ``printed_in`` is the first month whose
#: digest printed the post, or the month of the post if only a page printed it (``on_page``).
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
#: Whether a post was printed in a digest or on a page.
IS_PRINTED = sa.exists().where(
    digest_lines.c.post_id == posts.c.id,
    digests.c.id == digest_lines.c.digest_id,
    IS_PUBLISHED,
)

#: Up to when all posts are printed or passed over; null if no page was imported.
SEEN_UNTIL = sa.select(sa.func.max(digests.c.until_at)).scalar_subquery()
#: Whether a post was published by then. It may have been printed, or may be decided later.
IS_SEEN = sa.func.coalesce(posts.c.published_at < SEEN_UNTIL, sa.false())
