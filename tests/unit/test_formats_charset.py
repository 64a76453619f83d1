"""Bytes of any charset become UTF-8 that XML allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.charset import decode_document, is_claimed_utf8, needs_repair, repair_text, strip_illegal

KOREAN = "<a>추천 시스템을 고친 이야기</a>"


def _declare(charset: str, text: str = KOREAN) -> str:
    return f'<?xml version="1.0" encoding="{charset}"?>{text}'


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (KOREAN.encode(), None, KOREAN),
        (b"\xef\xbb\xbf" + KOREAN.encode(), "text/xml; charset=euc-kr", KOREAN),
        (KOREAN.encode("utf-16"), None, KOREAN),
        (KOREAN.encode("utf-16-be"), "application/xml", KOREAN),
        (KOREAN.encode("utf-32"), None, KOREAN),
        (KOREAN.encode("utf-32-le"), None, KOREAN),
        (KOREAN.encode("cp949"), 'text/xml; CHARSET="EUC-KR"', KOREAN),
        ("<a>똠</a>".encode("cp949"), "text/xml; charset=ks_c_5601-1987", "<a>똠</a>"),
        ("<a>镕</a>".encode("gb18030"), "text/xml; charset=gb2312", "<a>镕</a>"),
        ("<a>①</a>".encode("cp932"), "text/xml; charset=Shift_JIS", "<a>①</a>"),
        ("<a>€ “x”</a>".encode("cp1252"), "text/xml; charset=iso-8859-1", "<a>€ “x”</a>"),
        (_declare("koi8-r", "<a>привет</a>").encode("koi8-r"), None, _declare("koi8-r", "<a>привет</a>")),
        (_declare("iso-2022-jp", "<a>日本語</a>").encode("iso-2022-jp"), None, _declare("iso-2022-jp", "<a>日本語</a>")),
        # What servers say by default against what the document says, and its bytes bear out.
        *[
            (_declare(charset, f"<a>{text}</a>").encode(codec), f"text/xml; charset={header}", _declare(charset, f"<a>{text}</a>"))
            for charset, codec, text in (
                ("euc-kr", "cp949", "한글 제목입니다"),
                ("cp949", "cp949", "똠방각하의 글"),
                ("windows-949", "cp949", "한글 제목입니다"),
                ("shift_jis", "cp932", "日本語のブログです"),
                ("euc-jp", "euc-jp", "日本語のブログです"),
                ("gb2312", "gb18030", "中文博客文章"),
                ("gb18030", "gb18030", "中文博客文章"),
                ("big5", "big5", "中文部落格文章"),
            )
            for header in ("ISO-8859-1", "us-ascii", "windows-1251")
        ],
        # The document is wrong, and the header right.
        (_declare("euc-kr", "<a>café «x»</a>").encode("cp1252"), "text/xml; charset=iso-8859-1", _declare("euc-kr", "<a>café «x»</a>")),
        (_declare("utf-16").encode(), None, _declare("utf-16")),
        (_declare("utf-8").encode("utf-16-le"), "text/xml; charset=utf-8", _declare("utf-8")),
        ('{"a": "추천"}'.encode("utf-16-le"), "application/json", '{"a": "추천"}'),
        ('\n{"a": "추천"}'.encode("utf-16-be"), None, '\n{"a": "추천"}'),
        (b"\xef\xbb\xbf" + KOREAN.encode("cp949"), "text/xml; charset=euc-kr", KOREAN),
        # Cut in the middle of a character.
        (KOREAN[:-4].encode()[:-1], None, KOREAN[:-5]),
        (_declare("euc-kr", KOREAN[:-4]).encode("cp949")[:-1], None, _declare("euc-kr", KOREAN[:-5])),
    ],
)  # fmt: skip
def test_decoded_without_a_word(body: bytes, content_type: str | None, text: str) -> None:
    assert decode_document(body, content_type) == (text.encode(), None)


@pytest.mark.parametrize(
    ("body", "text", "words"),
    [
        (_declare("utf-8").encode("cp949"), KOREAN, "the document is not in utf-8 as it says; read as cp949"),
        (KOREAN.encode("cp949"), KOREAN, "the document is not in UTF-8 as it says; read as cp949"),
        (b"<a>caf\xe9 \x93x\x94</a>", "<a>café “x”</a>", "the document is not in UTF-8 as it says; read as windows-1252"),
        (KOREAN.encode() * 20 + b"\xff", KOREAN * 20 + "\ufffd", "the document has bytes that are not UTF-8; they are shown as \ufffd"),
        # One character cut, or some: the bytes that are whole count.
        ("<a>It’s".encode() + b" \xe2\x80</a>", "<a>It’s \ufffd</a>", "the document has bytes that are not UTF-8"),
        (b"<a>It\xe2\x80s fine</a>", "<a>It\ufffds fine</a>", "the document has bytes that are not UTF-8"),
        ((KOREAN.encode()[:-5] + b"</a>") * 20, "이야\ufffd</a>", "the document has bytes that are not UTF-8"),
        (_declare("utf-8", "<a>Biobränsle ständigt</a>").encode() + b"\xc3 ", "ständigt</a>\ufffd ", "the document has bytes"),
        (_declare("euc-kr", KOREAN * 3).encode("cp949") + b"\xb0</a>" + KOREAN.encode("cp949"), "\ufffd</a>" + KOREAN, "the document has bytes that are not cp949"),
        # Beyond the first plane, as Java and MySQL write it.
        (b"<a>\xed\xa0\xbd\xed\xb8\x80</a>" + KOREAN.encode() + b"\xff", f"<a>😀</a>{KOREAN}\ufffd", "the document has bytes that are not UTF-8"),
        # Said to be UTF-8 throughout.
        (_declare("utf-8", "<a>caf\xe9 na\xefve \x93x\x94</a>").encode("latin-1"), "<a>café naïve “x”</a>", "the document is not in utf-8 as it says; read as windows-1252"),
        (_declare("big5").encode() + KOREAN.encode() * 20 + b"\xff", KOREAN * 20 + "\ufffd", "the document has bytes that are not UTF-8"),
    ],
)  # fmt: skip
def test_a_document_in_none_of_its_charsets_is_read_as_the_nearest(body: bytes, text: str, words: str) -> None:
    decoded, told = decode_document(body, None)
    assert decoded.decode().endswith(text)
    assert told is not None
    assert told.startswith(words)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (_declare("utf-8", "<a>It’s</a>").encode() + b"\xe2\x80", "text/xml; charset=iso-8859-1", "<a>It’s</a>"),
        (_declare("utf-8", "<a>It’s \xff ok</a>").encode("latin-1", "ignore"), "text/xml; charset=iso-8859-1", "<a>Its ÿ ok</a>"),
        (KOREAN.encode() * 9 + b"\xec\xb6 x", "text/xml; charset=iso-8859-1", KOREAN * 9 + "\ufffd x"),
        # JSON has no place to say it.
        ('{"title": "추천 시스템"}'.encode("cp949"), "application/json; charset=iso-8859-1", '{"title": "추천 시스템"}'),
        ('{"title": "추천 시스템"}'.encode("cp949"), "application/json", '{"title": "추천 시스템"}'),
        ('{"title": "추천 시스템"}'.encode("cp949"), "application/json; charset=utf-8", '{"title": "추천 시스템"}'),
        ("<html><meta charset='euc-kr'><p>한글 제목입니다".encode("cp949"), "text/html; charset=iso-8859-1", "<html><meta charset='euc-kr'><p>한글 제목입니다"),
    ],
)  # fmt: skip
def test_a_default_of_the_server_does_not_beat_the_bytes(body: bytes, content_type: str, text: str) -> None:
    assert decode_document(body, content_type)[0].decode().endswith(text)


@pytest.mark.parametrize("name", ["bz2", "zlib", "hex", "rot13", "punycode", "idna", "unicode_escape", "undefined"])
def test_only_charsets_are_taken_for_charsets(name: str) -> None:
    assert decode_document(b"<a>\xff</a>", f"text/xml; charset={name}")[0] == "<a>ÿ</a>".encode()


@pytest.mark.parametrize(
    ("body", "content_type", "is_claimed"),
    [
        (b"<a/>", None, True),
        (b"<a/>", "text/xml; charset=UTF-8", True),
        (_declare("utf-8").encode(), "application/xml", True),
        (_declare("euc-kr").encode(), None, False),
        (b"<a/>", "text/xml; charset=iso-2022-jp", False),
        (b"\xef\xbb\xbf<a/>", None, False),
        (b"<\x00a\x00", None, False),
    ],
)
def test_whether_anybody_claims_another_charset(body: bytes, content_type: str | None, is_claimed: bool) -> None:
    assert is_claimed_utf8(body, content_type) is is_claimed


@pytest.mark.parametrize(
    ("document", "stripped"),
    [
        ("<a>\x00b\x08\x0b\x1fc\t\r\n</a>", "<a>bc\t\r\n</a>"),
        ("a\ufffe\uffffb", "ab"),
        ("&#8;&#x0B;&#0;&#xD800;&#xFFFF;&#1114112;&#99999999999999;x", "x"),
        ("&#55357;&#56832; &#xD83D;&#xde00; &#55357; &#56832;&#55357;", "😀 😀  "),
        ("&#9;&#xA;&#x20;&#0065;&#x1F600;&amp;#8;", "&#9;&#xA;&#x20;&#0065;&#x1F600;&amp;#8;"),
    ],
)
def test_what_xml_forbids_is_left_out(document: str, stripped: str) -> None:
    assert strip_illegal(document.encode()) == stripped.encode()


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        (" a b\n", "a b"),
        ("\x93x\x94 \x96", "“x” –"),
        ("추천 \x91x", "추천 ‘x"),
        ("CafÃ©", "Café"),
        ("Café", "Café"),
        ("Ã—", "Ã—"),
        ("\x81", "\x81"),
    ],
)
def test_repaired_texts(text: str, repaired: str) -> None:
    assert repair_text(text) == repaired


@given(
    st.text(
        st.sampled_from([*"ab #&;x", "추", "é", "Ã", "Â", "©", "\xa0", "\x85", "\x9f", "\xad", "ÿ", "—"]), max_size=20
    )
)
def test_a_document_whose_texts_need_repair_is_never_overlooked(text: str) -> None:
    if repair_text(text) != text.strip():
        assert needs_repair(text.encode())
        assert needs_repair("".join(f"&#{ord(character)};" for character in text).encode())
        assert needs_repair("".join(f"&#x0{ord(character):X};" for character in text).encode())
