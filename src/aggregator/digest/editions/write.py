"""Writes a digest in the form that is asked for."""

from __future__ import annotations

from aggregator.digest.editions.data import write_data
from aggregator.digest.editions.issue import Issue, make_item
from aggregator.digest.editions.mail import write_mail, write_message, write_text
from aggregator.digest.editions.page import write_page
from aggregator.digest.editions.syndicate import Syndicate, write_atom
from aggregator.types import EditionFormat


def write_edition(issue: Issue, form: EditionFormat) -> str:
    """Write a digest; the same digest gives the same text."""
    return _WRITERS[form](issue)


def _write_atom(issue: Issue) -> str:
    """Write a feed with this digest alone."""
    about = f"digest of {issue.month} of {issue.curator} alone"
    of_month = Syndicate(
        about, issue.name, None, issue.url, issue.curator, issue.made_at, [make_item(issue)], issue.language
    )
    return write_atom(of_month).decode()


_WRITERS = {
    EditionFormat.HTML: write_page,
    EditionFormat.ATOM: _write_atom,
    EditionFormat.JSON: write_data,
    EditionFormat.MAIL: write_mail,
    EditionFormat.TEXT: write_text,
    EditionFormat.EML: write_message,
}
