"""Converts bytes of any charset to UTF-8 that XML allows.

The parsers get UTF-8, so that charsets are decided only here.
"""

from __future__ import annotations

import codecs
import contextlib
import re

from aggregator.text.html import join_halves

# A document that declares the left charset is often in the right one, a superset (WHATWG Encoding Standard, 4.2).
_SUPERSETS = {
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"), "windows-1252"),
    **dict.fromkeys(("euc-kr", "euc_kr", "x-euc-kr", "ks_c_5601-1987", "ks_c_5601", "ksc5601", "korean"), "cp949"),
    **dict.fromkeys(("windows-949", "x-windows-949", "ms949", "uhc"), "cp949"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb_2312-80", "cp936"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("big5", "x-x-big5"), "big5hkscs"),
    "x-euc-jp": "euc-jp",
    "iso-8859-9": "windows-1254",
}
_UTF8 = frozenset({"utf-8", "utf8", "utf_8", "utf8mb4"})
# A document in another charset is rarely valid in these.
_MULTIBYTE = re.compile(r"cp949|johab|gb18030|cp932|shift|euc|big5|cp950")
# The default of many servers. Every document is valid in it.
_WESTERN = "windows-1252"
# Letters of Korean, Chinese and Japanese, except half-width ones: Latin letters that are read wrongly become those.
_EASTERN = re.compile("[\u3041-\u30fe\u3131-\u318e\u3400-\u9fff\uac00-\ud7a3]")
_HIGH = re.compile("[^\x00-\x7f]")
# Of three bytes and more in UTF-8.
_LONG = re.compile("[^\x00-\u07ff]")
_SYLLABLES = re.compile("[가-힣]{2,}")
_CUT = re.compile(rb"(?:[\xe1-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})(?![\x80-\xbf])")
_SAMPLE = 100_000
_BY_FAR = 8
# A document with a larger share of broken characters is in another charset.
_BROKEN_SHARE = 0.02
# These are written in ASCII bytes alone, so that they are valid UTF-8 too.
_SHIFTED = ("iso-2022", "iso2022", "hz", "utf-7", "csiso2022")
# Python has codecs of other kinds too, which unpack or take forever. The wide ones were seen by their zero bytes.
_CHARSETS = re.compile(
    r"(?!utf[-_]?(?:16|32)|iso-10646)"
    r"(?:utf|iso|latin|us-ascii|ascii|windows-|cp\d|koi8|euc|ks|korean|uhc|johab|gb|big5|hz|shift|sjis|s_jis|ms9|mac|tis)"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first character, which is of ASCII, in charsets of two and four bytes.
_WIDE = (
    (re.compile(rb"[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00[^\x00]"), "utf-32-be"),
    (re.compile(rb"[^\x00]\x00[^\x00]"), "utf-16-le"),
    (re.compile(rb"\x00[^\x00]\x00"), "utf-16-be"),
)
_START = 8
_DECLARATION = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_META = re.compile(rb"""<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META_PLACE = 2000
_HEADER = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_ILLEGAL_BYTES = bytes([*range(9), 11, 12, *range(14, 32)])
_HIGH_BYTES = bytes(range(128, 256))
# A surrogate pair, each half written in UTF-8 by itself (CESU-8).
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
# The same as two references.
_HALF_REFERENCES = re.compile(rb"(?:&#[xX]?[0-9a-fA-F]{4,5};){2}")
_NONCHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));")
_LONGEST_REFERENCE = 9

# C1 controls, which are really windows-1252, and UTF-8 that was read as ISO 8859-1 and encoded a second time.
_C1 = re.compile("[\x80-\x9f]")
_SUSPICIOUS = re.compile(rb"\xc2(?:[\x80-\x9f]|(?<=\xc3[\x82-\xb4]\xc2)[\x80-\xbf])")
# Without its "&", which is everywhere in escaped markup: one rare character to search for.
_HIGH_REFERENCE = re.compile(rb"#(?:[xX]0*+[89a-fA-F][0-9a-fA-F]|0*+(?:1[2-9]\d|2[0-5]\d));")
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
_FROM_C1 = {code: bytes([code]).decode("windows-1252") for code in range(0x80, 0xA0) if code not in _UNDEFINED}


def decode_document(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """Return the document in UTF-8 without a byte order mark, and a warning about its charset, if there is one.

    Valid UTF-8 is read as UTF-8, regardless of what the document or its header claims: other charsets are hardly ever
    valid UTF-8 by accident. Text with more whole UTF-8 characters than broken ones is read as UTF-8 too. Otherwise the
    header takes precedence over the document (RFC 7303, 3), with one exception: every text is valid in a single-byte
    charset, so a multi-byte charset that the document names and its bytes fit is preferred. If no claimed charset fits,
    the text is read in the likeliest one, with a warning.
    """
    marked = next(((mark, name) for mark, name in _BOMS if body.startswith(mark)), (b"", None))
    body = body.removeprefix(marked[0])
    wide = _find_wide(body) if marked[1] in {None, "utf-8"} else marked[1]
    if wide:
        return body.decode(wide, "replace").encode("utf-8", "replace"), None
    claims = _list_claims(body, content_type)
    for claim in claims:
        if claim.startswith(_SHIFTED) and (text := _try(body, claim)) is not None:
            return text.encode("utf-8", "replace"), None
    if (whole := _find_utf8(body)) is not None:
        return whole, None
    return _decode_other(body, claims)


def is_claimed_utf8(body: bytes, content_type: str | None) -> bool:
    """Whether header and document claim only UTF-8, or nothing; this does not check the bytes."""
    if body.startswith(tuple(mark for mark, _ in _BOMS)) or b"\x00" in body[:4]:
        return False
    return _UTF8.issuperset(_list_claims(body, content_type))


def strip_illegal(document: bytes) -> bytes:
    """Remove the characters that XML forbids from UTF-8, both as bytes and as references (``&#8;``).

    Two references to the halves of one character become that character.
    """
    document = document.translate(None, _ILLEGAL_BYTES)
    document = _NONCHARACTERS.sub(b"", document)
    if b"&#" not in document:
        return document
    document = _HALF_REFERENCES.sub(lambda found: join_halves(found[0].decode()).encode(), document)
    return _REFERENCE.sub(_drop_illegal, document)


def needs_repair(document: bytes) -> bool:
    """Whether ``repair_text`` may change texts of the document; fast, and never wrongly False."""
    return _SUSPICIOUS.search(document) is not None or _HIGH_REFERENCE.search(document) is not None


def repair_text(text: str) -> str:
    """Strip the text, decode what was encoded in UTF-8 twice, and replace C1 controls by windows-1252 characters."""
    text = text.strip()
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_FROM_C1) if _C1.search(text) else text


def _list_claims(body: bytes, content_type: str | None) -> list[str]:
    """The charsets that the header and the document claim, in lower case."""
    header = _HEADER.search(content_type or "")
    declared = _DECLARATION.match(body[:2000].lstrip()[:300]) or _META.search(body[:_META_PLACE])
    return [name.lower() for name in (header and header[1], declared and declared[1].decode("ascii")) if name]


def _find_wide(body: bytes) -> str | None:
    """A charset of two or four bytes by the zero bytes that it has in ASCII."""
    start = body[:_START]
    if start.count(0) * 3 < len(start):
        return None
    return next((name for pattern, name in _WIDE if pattern.match(start)), None)


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
        return codecs.getincrementaldecoder(charset)().decode(body)
    except (UnicodeError, LookupError, ValueError):
        return None


def _decode_other(body: bytes, claims: list[str]) -> tuple[bytes, str | None]:
    """As ``decode_document``, for bytes that are not valid UTF-8."""
    claimed = claims[0] if claims else "UTF-8"
    claims = [_SUPERSETS.get(claim, claim) for claim in claims]
    korean = _try(body, "cp949")
    if korean is not None and not _is_mostly_hangul(korean):
        korean = None
    is_utf8_claimed = not claims or not _UTF8.isdisjoint(claims)
    if mostly := _read_mostly_utf8(body, is_claimed=is_utf8_claimed, is_korean=korean is not None):
        return mostly.encode(), "the document has bytes that are not UTF-8; they are shown as \ufffd"
    refutable = [claim for claim in claims if _MULTIBYTE.match(claim)]
    for claim in refutable:
        if (text := _try(body, claim)) is not None and _is_eastern(text):
            return text.encode("utf-8", "replace"), None
    for claim in refutable:
        if (text := _read_mostly(body, claim)) is not None:
            return text.encode(
                "utf-8", "replace"
            ), f"the document has bytes that are not {claim}; they are shown as \ufffd"
    for claim in claims:
        if claim not in _UTF8 and not (claim == _WESTERN and korean) and (text := _try(body, claim)) is not None:
            return text.encode("utf-8", "replace"), None
    if korean is not None:
        return korean.encode(), f"the document is not in {claimed} as it says; read as cp949"
    text = body.decode("windows-1252", "replace")
    return text.encode(), f"the document is not in {claimed} as it says; read as windows-1252"


def _read_mostly_utf8(body: bytes, *, is_claimed: bool, is_korean: bool) -> str | None:
    """The text with U+FFFD for broken characters, if it has more whole characters of several bytes than broken ones;
    many more, if nobody claims UTF-8.

    Some pairs of bytes are characters of both UTF-8 and EUC-KR. They do not count in a text that EUC-KR reads as
    Korean.
    """
    body = _HALVES.sub(_join_halves, body)
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count("\ufffd".encode())
    if is_korean:
        whole = len(_LONG.findall(text)) - text.count("\ufffd")
    else:
        whole = len(text) - len(body.translate(None, _HIGH_BYTES)) - broken
    if not is_claimed:
        return text if whole >= broken * _BY_FAR else None
    # A character that lacks only its last byte hardly occurs in another charset.
    cut = len(_CUT.findall(body))
    return text if whole + cut >= broken - cut else None


def _read_mostly(body: bytes, charset: str) -> str | None:
    """The text with U+FFFD for broken characters, if they are few and the rest is in the script of the charset."""
    try:
        text = body.decode(charset, "replace")
    except (LookupError, ValueError):
        return None
    broken, high = text.count("\ufffd"), len(_HIGH.findall(text))
    return text if broken <= max(1, high * _BROKEN_SHARE) and _is_eastern(text) else None


def _is_eastern(text: str) -> bool:
    """Whether most characters beyond ASCII are letters of Korean, Chinese or Japanese."""
    start = text[:_SAMPLE]
    return len(_EASTERN.findall(start)) * 2 >= len(_HIGH.findall(start))


def _is_mostly_hangul(text: str) -> bool:
    """Whether half of the characters beyond ASCII are syllables in a row; single ones are Latin letters in UTF-8."""
    start = text[:_SAMPLE]
    return sum(map(len, _SYLLABLES.findall(start))) * 2 >= len(_HIGH.findall(start))


def _join_halves(found: re.Match[bytes]) -> bytes:
    return found[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _drop_illegal(reference: re.Match[bytes]) -> bytes:
    decimal, hexadecimal = reference.groups()
    digits = (decimal or hexadecimal).lstrip(b"0")
    if len(digits) > _LONGEST_REFERENCE:
        return b""
    code = int(digits or b"0", 10 if decimal else 16)
    is_legal = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
    return reference[0] if is_legal else b""
