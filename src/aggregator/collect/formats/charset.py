"""Bytes of any charset → UTF-8 that XML allows.

The readers get UTF-8, so that none of them has an opinion of its own about charsets.
"""

from __future__ import annotations

import codecs
import contextlib
import re

# What is written in the left charset is in truth often in the right one, a superset (WHATWG Encoding Standard, 4.2).
_SUPERSETS = {
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"), "windows-1252"),
    **dict.fromkeys(("euc-kr", "euc_kr", "ks_c_5601-1987", "ks_c_5601", "ksc5601", "korean"), "cp949"),
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    "iso-8859-9": "windows-1254",
}
# Written in ASCII alone: valid UTF-8, and yet something else.
_SHIFTED = ("iso-2022", "iso2022", "hz", "utf-7", "csiso2022")
# Python has codecs of other kinds too, which unpack or take forever. The wide ones were seen by their zero bytes.
_CHARSETS = re.compile(
    r"(?!utf[-_]?(?:16|32)|iso-10646)"
    r"(?:utf|iso|latin|us-ascii|ascii|windows-|cp\d|koi8|euc|ks|korean|uhc|johab|gb|big5|hz|shift|sjis|s_jis|x-sjis|ms9|mac|tis)"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" and what must follow it, in charsets of two and four bytes.
_PATTERNS = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARATION = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HEADER = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_ILLEGAL_BYTES = bytes([*range(9), 11, 12, *range(14, 32)])
_ASCII = bytes(range(128))
_NONCHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));")
_LONGEST_REFERENCE = 9

# C1 controls, which are windows-1252 in truth, and UTF-8 that was taken for ISO 8859-1 and encoded a second time.
_C1 = re.compile("[\x80-\x9f]")
_SUSPICIOUS = re.compile(rb"\xc2(?:[\x80-\x9f]|(?<=\xc3[\x82-\xb4]\xc2)[\x80-\xbf])")
# Without its "&", which is everywhere in escaped markup: one rare character to search for.
_HIGH_REFERENCE = re.compile(rb"#(?:[xX]0*+[89a-fA-F][0-9a-fA-F]|0*+(?:1[2-9]\d|2[0-5]\d));")
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
_FROM_C1 = {code: bytes([code]).decode("windows-1252") for code in range(0x80, 0xA0) if code not in _UNDEFINED}


def decode_document(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """The document in UTF-8, without a byte order mark, and what is to be told about its charset.

    Bytes that are valid UTF-8 are UTF-8 whatever the document or its header claim, for no other text is by accident.
    Then the header goes before the document (RFC 7303, 3). A document in none of its charsets is read as the nearest
    one, with a warning.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _decode(body[len(mark) :], name), None
    for start, name in _PATTERNS:
        if body.startswith(start):
            return _decode(body, name), None
    claims = _list_claims(body, content_type)
    for claim in claims:
        if claim.startswith(_SHIFTED) and (text := _try(body, claim)) is not None:
            return text.encode("utf-8", "replace"), None
    if (whole := _find_utf8(body)) is not None:
        return whole, None
    for claim in claims:
        if claim not in {"utf-8", "utf8"} and (text := _try(body, claim)) is not None:
            return text.encode("utf-8", "replace"), None
    return _decode_wrong(body, claims)


def is_claimed_utf8(body: bytes, content_type: str | None) -> bool:
    """Whether nobody says of these bytes that they are anything but UTF-8; whether they are is left to their reader."""
    if body.startswith(tuple(mark for mark, _ in _BOMS)) or b"\x00" in body[:4]:
        return False
    return all(claim in {"utf-8", "utf8"} for claim in _list_claims(body, content_type))


def strip_illegal(document: bytes) -> bytes:
    """UTF-8 without the characters that XML forbids, written out or as references (``&#8;``)."""
    document = document.translate(None, _ILLEGAL_BYTES)
    document = _NONCHARACTERS.sub(b"", document)
    return _REFERENCE.sub(_drop_illegal, document) if b"&#" in document else document


def needs_repair(document: bytes) -> bool:
    """Whether texts of the document may be of the kind that ``repair_text`` changes; fast, and never wrongly False."""
    return _SUSPICIOUS.search(document) is not None or _HIGH_REFERENCE.search(document) is not None


def repair_text(text: str) -> str:
    """The text stripped; what was encoded in UTF-8 twice is decoded again, C1 controls become what windows-1252 has."""
    text = text.strip()
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_FROM_C1) if _C1.search(text) else text


def _list_claims(body: bytes, content_type: str | None) -> list[str]:
    header = _HEADER.search(content_type or "")
    declared = _DECLARATION.match(body.lstrip()[:300])
    return [name.lower() for name in (header and header[1], declared and declared[1].decode("ascii")) if name]


def _find_utf8(body: bytes) -> bytes | None:
    """The bytes, without a character cut in two at their end, if they are valid UTF-8."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return body[: error.start] if error.reason == "unexpected end of data" else None
    return body


def _try(body: bytes, charset: str) -> str | None:
    """The text, or None when it is not in that charset; a character cut in two at the end is left out."""
    if not _CHARSETS.match(charset):
        return None
    try:
        return codecs.getincrementaldecoder(_SUPERSETS.get(charset, charset))().decode(body)
    except (UnicodeError, LookupError, ValueError):
        return None


def _decode(body: bytes, charset: str) -> bytes:
    if charset == "utf-8" and (whole := _find_utf8(body)) is not None:
        return whole
    return body.decode(charset, "replace").encode("utf-8", "replace")


def _decode_wrong(body: bytes, claims: list[str]) -> tuple[bytes, str]:
    claimed = claims[0] if claims else "UTF-8"
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") * 10 <= len(body.translate(None, _ASCII)):
        return text.encode(), f"the document has bytes that are not {claimed}; they stand as \ufffd"
    korean = _try(body, "cp949")
    if korean is not None and _is_mostly_hangul(korean):
        return korean.encode(), f"the document is not in {claimed} as it says; read as cp949"
    text = body.decode("windows-1252", "replace")
    return text.encode(), f"the document is not in {claimed} as it says; read as windows-1252"


def _is_mostly_hangul(text: str) -> bool:
    high = re.findall("[^\x00-\x7f]", text[:100_000])
    return len([character for character in high if "가" <= character <= "힣"]) * 2 >= len(high)


def _drop_illegal(reference: re.Match[bytes]) -> bytes:
    decimal, hexadecimal = reference.groups()
    digits = (decimal or hexadecimal).lstrip(b"0")
    if len(digits) > _LONGEST_REFERENCE:
        return b""
    code = int(digits or b"0", 10 if decimal else 16)
    is_legal = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
    return reference[0] if is_legal else b""
