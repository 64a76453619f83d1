"""The note of a sequel, which links back to what was printed. Pure."""

from __future__ import annotations

from aggregator.digest.escape import check_address, encode_address
from aggregator.exceptions import DigestError
from aggregator.types import Month, PrintedPost


def propose_note(printed: PrintedPost, note: str, language: str) -> str | None:
    """The link to what was printed, in Korean or in English; None if *note* has it, or if it cannot be linked to."""
    try:
        check_address(printed.url)
    except DigestError:
        return None
    address = encode_address(printed.url)
    if f"]({address})" in note:
        return None
    link = f"[{printed.title.replace('**', '')}]({address})"
    if language == "ko":
        return f"{_name_korean(printed.month)}에 소개한 {link}도 읽어보세요."
    return f"See also {link}, printed in {printed.month.label}."


def _name_korean(month: Month) -> str:
    return f"{month.year}년 {month.month}월"
