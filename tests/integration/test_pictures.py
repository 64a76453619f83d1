"""Pictures of notes: added in the editor, shown on our pages, and carried beside what is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Response

from aggregator.app import App
from aggregator.digest.pictures import FOLDER, list_pictures
from aggregator.exceptions import DigestError
from aggregator.pipeline import publish, review
from aggregator.pipeline.pictures import MOST_BYTES, keep_picture, read_picture
from aggregator.types import Correction, Decision, DigestState
from world import FEEDS, MONTH, Curator, fill, visit_page

POST = "continuous-batching"
PNG = b"\x89PNG\r\n\x1a\nand so on"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS, digest={"page": "site/README.md"})
    return visit_page(app, fill(app)).log_in()


def upload(curator: Curator, content: bytes, *, scripted: bool = False, **fields: str) -> Response:
    accept = {"Accept": "application/json"} if scripted else {}
    return curator.client.post(
        f"/posts/{curator.numbers[POST]}/picture",
        data={"token": curator.token, **fields},
        files={"picture": ("../feeds.toml", content, "image/svg+xml")},
        headers={"Origin": "http://testserver", **accept},
    )


def print_with(curator: Curator, note: str, *, again: bool = False) -> Path:
    number = curator.numbers[POST]
    review.decide(curator.app, number, Decision.APPROVE, correction=Correction(number, "", curator.app.now, note=note))
    return publish.make_digest(curator.app, MONTH, DigestState.PRINTED, again=again)


def test_a_picture_goes_behind_the_note_and_is_shown_and_carried_along(curator: Curator) -> None:
    page = upload(curator, PNG, note="As measured", alt="A [chart]").text
    note = re.search(r"<textarea [^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert note
    markdown = note[1]
    assert re.fullmatch(r"As measured !\[A \\\[chart\\\]\]\(pictures/[0-9a-f]{32}\.png\)", markdown)
    name = markdown.rpartition("/")[2].rstrip(")")
    assert f'<img src="/pictures/{name}" alt="A [chart]">' in page
    assert upload(curator, PNG, scripted=True).json() == {"markdown": f"![](pictures/{name})"}

    shown = curator.client.get(f"/pictures/{name}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"

    file = print_with(curator, markdown)
    beside = [file.parent / "pictures" / name, curator.app.folder / "site/pictures" / name]
    assert [picture.read_bytes() for picture in beside] == [PNG, PNG]
    assert f"(pictures/{name})" in (curator.app.folder / "site/README.md").read_text("utf-8")


def test_an_address_elsewhere_is_not_a_picture_of_a_note() -> None:
    own, other = (f"{FOLDER}/{digit * 32}.png" for digit in "01")
    note = f"![chart]({own}), [theirs](https://cdn.example/{other}), <img src='{own}'> ./{other}"
    assert list_pictures([note]) == [own.removeprefix(f"{FOLDER}/")]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "png"), (b"\xff\xd8\xff\xe0..", "jpg"), (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"), (b"GIF89a..", "gif")],
)
def test_a_picture_is_known_by_its_first_bytes(curator: Curator, content: bytes, kind: str) -> None:
    name = keep_picture(curator.app, content)
    assert name.endswith(f".{kind}")
    assert read_picture(curator.app, name) == content


def test_what_is_not_a_picture_or_too_large_is_refused(curator: Curator) -> None:
    for content, why in ((SVG, "is not a picture"), (b"", "is not a picture"), (PNG + bytes(MOST_BYTES), "than 5 MB")):
        answer = upload(curator, content, note="Mine.")
        assert answer.status_code == 422
        assert why in answer.text
        assert "Mine." in answer.text
    assert upload(curator, bytes(4 * MOST_BYTES)).status_code == 413
    assert not (curator.app.digest_folder / "pictures").exists()


def test_only_pictures_of_notes_are_served_and_only_to_the_curator(curator: Curator) -> None:
    name = keep_picture(curator.app, PNG)
    (curator.app.digest_folder / "pictures/other.png").write_bytes(PNG)
    for other in ("other.png", "..%2f..%2ffeeds.toml", f"{'0' * 32}.png", name.replace("png", "svg")):
        assert curator.client.get(f"/pictures/{other}").status_code == 404
    curator.client.cookies.clear()
    assert curator.client.get(f"/pictures/{name}").status_code == 401


def test_a_picture_beside_the_page_is_not_overwritten_and_a_missing_one_stops_the_print(curator: Curator) -> None:
    name = keep_picture(curator.app, PNG)
    theirs = curator.app.folder / "site/pictures" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    with pytest.raises(DigestError, match="is another picture than that of the note"):
        print_with(curator, f"![](pictures/{name})")
    assert theirs.read_bytes() == b"theirs"
    with pytest.raises(DigestError, match=f"the picture {'0' * 32}.gif of a note is not in "):
        print_with(curator, f"![](pictures/{'0' * 32}.gif)")
    assert not (curator.app.folder / "site/README.md").exists()
