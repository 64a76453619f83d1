"""``aggregator verify``: a page compared with the receipts of its lines, without a home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.base import Json, out, print_json

app = typer.Typer()

#: Of a page, and of a file of receipts, which may come from strangers.
_MOST_BYTES = 50_000_000
#: Where the receipts of a cumulative page are looked for: beside it, and in folders below, as for each year.
_PATTERNS = ("*{end}", "*/*{end}", "*/*/*{end}")


@app.command()
def verify(
    page: Annotated[Path, typer.Argument(help="A printed page in Markdown, of a month or cumulative.")],
    receipts: Annotated[
        list[Path] | None,
        typer.Option("--receipts", help="A file of receipts; repeat it for more. Else they are looked for beside it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a page with the receipts of its lines; exit code 1 if something differs.

    It needs no home: readers of a digest can call it. What it checks is how the lines came to be there, not how good
    they are.
    """
    from aggregator.digest.receipts.form import read_receipts
    from aggregator.digest.receipts.verify import Found, verify_page
    from aggregator.exceptions import DigestError
    from aggregator.files import read_text
    from aggregator.shapes.receipts import VerifiedShape
    from aggregator.text.characters import clean
    from aggregator.words.receipts import list_differences, list_known

    def read(file: Path) -> str:
        # An editor may have put a mark before the first letter.
        return read_text(file, most_bytes=_MOST_BYTES).removeprefix("\ufeff")

    text = read(page)
    files = receipts or list(dict.fromkeys(_find_receipts(page)))
    found = [Found(file, read_receipts(read(file), clean(str(file)))) for file in files]
    try:
        verified = verify_page(page, text, found, are_chosen=bool(receipts))
    except DigestError as error:
        raise DigestError(f"{clean(str(page))}: {error}") from error
    if as_json:
        print_json(VerifiedShape.of(page, verified))
    else:
        for said in (*list_known(verified), *list_differences(page, verified)):
            out.print(said, soft_wrap=True)
    if verified.differences:
        raise typer.Exit(1)


def _find_receipts(page: Path) -> Iterator[Path]:
    """Find the receipts of the month of a page; without them, all that may be of a cumulative page."""
    from aggregator.digest.receipts.form import SUFFIX

    own = page.with_suffix(SUFFIX)
    if own.is_file():
        yield own
        return
    for pattern in _PATTERNS:
        yield from sorted(file for file in page.parent.glob(pattern.format(end=SUFFIX)) if file.is_file())
