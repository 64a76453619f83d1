"""Pictures of notes: which files may be one, what they are called, and which a note shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

#: The folder beside a printed page.
FOLDER = "pictures"
#: By the end of the name.
MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
_BEGINNINGS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "gif": re.compile(rb"GIF8[79]a"),
}
_NAME = r"[0-9a-f]{32}\.(?:png|jpg|webp|gif)"
# Not a part of an address elsewhere.
_PATH = re.compile(rf"(?<![\w./-]){FOLDER}/({_NAME})(?![\w.-])")


def name_picture(content: bytes) -> str | None:
    """Return the name of a picture, which comes from its content; None if it is not a PNG, JPEG, WebP or GIF."""
    kind = next((kind for kind, beginning in _BEGINNINGS.items() if beginning.match(content)), None)
    return f"{sha256(content).hexdigest()[:32]}.{kind}" if kind else None


def is_name(text: str) -> bool:
    """Whether a picture may be called so."""
    return re.fullmatch(_NAME, text) is not None


def find_shown(address: str) -> str | None:
    """Return where our page shows the picture at an address beside a printed page; None if it is not such a picture."""
    return f"/{address}" if _PATH.fullmatch(address) else None


def list_pictures(notes: Iterable[str]) -> list[str]:
    """List the names of the pictures in notes, each once."""
    return list(dict.fromkeys(name for note in notes for name in _PATH.findall(note)))
