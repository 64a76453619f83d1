"""Names of printed files as patterns."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from aggregator.config.digest_settings import DigestSettings
from aggregator.config.file_names import find_month
from aggregator.types import Month

MARCH = Month(2023, 3)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("digests/{year}-{month:02}.md", "digests/2023-03.md"),
        ("/srv/site/{year}/{month}.md", "/srv/site/2023/3.md"),
        ("{year}/{year}{month:02}.md", "2023/202303.md"),
    ],
)
def test_a_month_has_a_file_of_its_own_that_is_recognised(pattern: str, name: str) -> None:
    settings = DigestSettings(month_file=pattern)
    assert settings.name_month_file(MARCH) == name
    assert find_month(pattern, Path("/elsewhere") / name.removeprefix("/srv")) == MARCH
    names = {settings.name_month_file(Month(1999, 1).shift(by)) for by in range(600)}
    assert len(names) == 600


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("2022-12.md", Month(2022, 12)),
        ("README-2023-01.md", None),
        ("2022-12.draft.md", None),
        ("2022-13.md", None),
        ("0000-01.md", None),
        ("2022-12.txt", None),
        ("2022-3.md", None),
    ],
)
def test_other_files_are_of_no_month(name: str, month: Month | None) -> None:
    assert find_month("digests/{year}-{month:02}.md", Path("/home/digests", name)) == month


@pytest.mark.parametrize(
    ("key", "pattern", "why"),
    [
        ("month_file", "digests/{year}.md", "each month has a file of its own"),
        ("month_file", "digests/{month:02}.md", "each month has a file of its own"),
        ("month_file", "{year}-{mon}.md", "{mon} is not known here; known are {year}, {month}, {month:02}"),
        ("month_file", "{year.real}-{month}.md", "{year.real} is not known here"),
        ("month_file", "{{year}}-{month}.md", "{ is not known here"),
        ("month_file", "{year}-{month}.toml", "ends with .md"),
        ("month_file", "{year}-{month}.draft.md", ".draft.md is for drafts"),
        ("page", "{month}.md", "{month} is not known here; known are {year}, {part}"),
        ("page", "README\n.md", "printable"),
        ("page", "./digests/{year}-12.md", "digest.month_file would name the same file"),
    ],
)
def test_a_mistake_in_a_pattern_names_its_key(key: str, pattern: str, why: str) -> None:
    with pytest.raises(ValidationError) as raised:
        DigestSettings.model_validate({key: pattern})
    (error,) = raised.value.errors()
    assert error["loc"] == (key,)
    assert why in error["msg"]
