"""From approved candidates to the digest: one line each, in the order of the page.

Nothing is decided here that a person should decide: what is not approved stays out, and a line that cannot be printed
as it was written is rejected with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.digest.escape import check_address, encode_address, escape_organisation, escape_text
from aggregator.digest.markdown import read_words
from aggregator.digest.notes import join_note
from aggregator.digest.order import order_lines
from aggregator.digest.scan import is_balanced
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.characters import clean
from aggregator.text.html import normalise
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Digest,
    Kind,
    LabelStyle,
    Line,
    LineStyle,
    NoteStyle,
    Post,
    Section,
    Texts,
)


def compose_digest(candidates: Sequence[Candidate], texts: Texts) -> Digest:
    """The digest of the approved candidates. An address is printed once, by preference with the curator's note.

    Raises DigestError that names each post that cannot be printed, and why: no section, no title, an address that is
    not http or https, a title or note that would break the page.
    """
    lines: dict[str, Line] = {}
    problems: list[str] = []
    for candidate in filter(_is_approved, candidates):
        try:
            line = compose_line(candidate, texts.style)
        except DigestError as error:
            problems.append(str(error))
            continue
        # Posts may share the page that they link to, but not their canonical addresses.
        address = candidate.post.canonical_url
        key = address if "#" in address else line.url
        known = lines.get(key)
        if known is None or (line.note and not known.note):
            lines[key] = line
    if problems:
        raise DigestError("\n".join(problems))
    return Digest(texts, order_lines(lines.values(), stars_first=texts.style.are_first))


def compose_line(candidate: Candidate, style: LineStyle | None = None) -> Line:
    """The line of one candidate, with any verdict; the curator's corrections win over the post. With a *style*, it says
    whether it is a highlight and which mark it has, and label and note are in that style.

    Raises DigestError that names the post.
    """
    post, correction = candidate.post, candidate.correction
    try:
        check_address(post.url)
        section = _get_section(candidate)
        return Line(
            section=section,
            title=_compose_title(post, correction),
            url=encode_address(post.url),
            month=(correction and correction.month) or post.own_month,
            organisation=compose_organisation(post, correction, section),
            note=join_note((correction and correction.note) or "", style.note if style else NoteStyle.COLON),
            star=style.star if style and candidate.is_highlight else None,
            label=style.label if style else LabelStyle.BRACKETS,
        )
    except DigestError as error:
        said = t("“{title}” cannot be printed: {why}", title=normalise(post.title) or post.url, why=error)
        raise DigestError(said, field=error.field) from error


def _is_approved(candidate: Candidate) -> bool:
    return candidate.verdict is not None and candidate.verdict.decision is Decision.APPROVE


def _get_section(candidate: Candidate) -> Section:
    if candidate.lost_section:
        raise DigestError(
            t(
                "it is in {section}, which is no longer in feeds.toml; give it another section",
                section=candidate.lost_section,
            ),
            field="section",
        )
    if candidate.section is None:
        raise DigestError(t("it has no section"), field="section")
    return candidate.section


def _compose_title(post: Post, correction: Correction | None) -> str:
    # Older stored titles may not have been cleaned.
    if title := clean((correction and correction.title) or "").strip():
        # A line break would end the bullet's first line; Markdown shows it as a space anyway.
        title = re.sub(r"\s++", _draw_together, title)
        _check_title(title)
        return title
    if title := escape_text(post.title):
        return title
    raise DigestError(t("it has no title"), field="title")


def _draw_together(space: re.Match[str]) -> str:
    return " " if "\n" in space[0] or "\r" in space[0] else space[0]


def _check_title(title: str) -> None:
    if flaw := find_flaw(title):
        raise DigestError(t("the title “{title}” would break the link: {why}", title=title, why=flaw), field="title")


def find_flaw(markdown: str) -> str | None:
    """Why the curator's Markdown cannot be inside a link; None if it can."""
    if not is_balanced(markdown, "[]"):
        return t("its brackets do not pair; write \\[ for one that stands alone")
    plain, has_link = read_words(markdown)
    if "`" in plain:
        return t("its backticks do not pair; write \\` for one that stands alone")
    if re.search("<[A-Za-z/!?]", plain):
        return t("it opens an HTML tag and does not close it; write \\< for the sign")
    if has_link:
        return t("it contains a link")
    return None


def _fits_label(name: str) -> bool:
    # The last backslash would escape the parenthesis that ends the label.
    return is_balanced(name, "()") and is_balanced(f"({name})", "()") and not find_flaw(name)


def compose_organisation(post: Post, correction: Correction | None, section: Section | None) -> str | None:
    """The curator's word (Markdown, like the title), else the post's. None in a part that prints no organisation, and
    for individuals.
    """
    if correction and correction.organisation is not None:
        name = normalise(correction.organisation)
        return (name if _fits_label(name) else escape_organisation(name)) or None
    if section is None or not section.part.prints_organisation or post.kind is Kind.INDIVIDUAL:
        return None
    return escape_organisation(post.organisation or "") or None
