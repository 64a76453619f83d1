"""The secrets in the home folder: long enough, and their owner's alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.exceptions import StorageError
from aggregator.storage.secrets import get_secret, make_home, tighten_home

GOOD = b"k" * 32


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "kept",
    [b"", b"\n", b"short", b"k" * 31, b"\xff" * 40, "열쇠".encode() * 20, b"k" * 20 + b"\0" + b"k" * 20, b"word " * 10],
)
def test_what_is_no_secret_is_made_anew_and_told(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "login-key").write_bytes(kept)

    with capture_logs() as logs:
        found = get_secret(tmp_path, "login-key")

    assert len(found) >= 32
    assert get_secret(tmp_path, "login-key") == found
    assert _mode(tmp_path / "login-key") == 0o600
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert found not in str(logs)


@pytest.mark.parametrize("kept", [GOOD, GOOD + b"\n", b"  " + GOOD + b"\r\n"])
def test_a_secret_that_is_long_enough_stays(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "login-key").write_bytes(kept)

    assert get_secret(tmp_path, "login-key") == GOOD.decode()


def test_a_home_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    make_home(tmp_path / "new" / "home")

    assert _mode(tmp_path / "new" / "home") == 0o700


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match=r"the home folder .* cannot be made"):
        make_home(tmp_path / "file" / "home")


def test_an_open_home_is_closed_with_one_line_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "login-key").write_bytes(GOOD)
    (tmp_path / "login-key").chmod(0o644)
    tmp_path.chmod(0o755)

    with capture_logs() as logs:
        tighten_home(tmp_path)
        tighten_home(tmp_path)

    assert (_mode(tmp_path), _mode(tmp_path / "login-key")) == (0o700, 0o600)
    assert [entry["paths"] for entry in logs] == [[str(tmp_path), str(tmp_path / "login-key")]]


@pytest.mark.parametrize("refuse", [PermissionError(1, "Operation not permitted"), None])
def test_where_it_cannot_be_closed_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuse: Exception | None
) -> None:
    def chmod(path: Path, mode: int) -> None:
        if refuse:
            raise refuse

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", chmod)

    with capture_logs() as logs:
        tighten_home(tmp_path)

    assert [(entry["log_level"], entry["path"]) for entry in logs] == [("warning", str(tmp_path))]
    assert (
        "Operation not permitted" in logs[0]["reason"] if refuse else "does not store permissions" in logs[0]["reason"]
    )
