"""Finding PostgreSQL, whatever is in PATH and whoever asks."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api import postgresql
from api.postgresql import Programs, find_programs
from scripts import packages
from scripts.steps import SetupError, Steps

NOBODY = 65534


def holds_for_an_ordinary_account(condition: Callable[[], bool]) -> bool:
    """Whether a condition holds for an account that is not root."""

    def body() -> None:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        os._exit(0 if condition() else 1)

    process = multiprocessing.get_context("fork").Process(target=body)
    process.start()
    process.join()
    return process.exitcode == 0


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that only root may enter."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o000)
    return folder


def test_closed_folder_in_path_is_passed_over(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = find_programs()
    assert real is not None
    monkeypatch.delenv("DIEUHANH_POSTGRESQL", raising=False)
    monkeypatch.setattr(postgresql, "DEBIAN_ROOT", Path("/nowhere"))
    monkeypatch.setenv("PATH", f"{closed}:{'x' * 300}:{real.bin}")
    assert holds_for_an_ordinary_account(lambda: find_programs() == real)
    monkeypatch.setenv("PATH", str(closed))
    assert holds_for_an_ordinary_account(lambda: find_programs() is None)


def test_chosen_folder_that_is_closed_has_no_postgresql(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIEUHANH_POSTGRESQL", str(closed))
    assert holds_for_an_ordinary_account(lambda: find_programs() is None)


def test_an_extension_is_its_scripts_and_its_library(tmp_path: Path) -> None:
    programs = Programs(tmp_path / "bin", 15)
    scripts, libraries = tmp_path / "share" / "extension", tmp_path / "lib"
    scripts.mkdir(parents=True)
    libraries.mkdir()
    (scripts / "postgis_of_ours.control").touch()
    assert not programs.has_extension("postgis_of_ours")
    (libraries / "postgis_of_ours-3.so").touch()
    assert programs.has_extension("postgis_of_ours")
    assert not programs.has_extension("postgis_of")


def test_without_rights_it_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIEUHANH_POSTGRESQL", raising=False)
    monkeypatch.setattr(packages, "_rights", lambda: None)
    missing: packages.Package = ("postgresql-postgis", lambda: False)
    with pytest.raises(SetupError, match=r"    su(do sh| -) -c '.* postgresql-postgis'\n"):
        packages.ensure(Steps(tmp_path / "log"), [missing])
    assert not (tmp_path / "log").exists()


def test_closed_folder_in_path_holds_no_sudo(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(closed))
    assert holds_for_an_ordinary_account(lambda: packages._rights() is None)


def test_chosen_folder_without_postgis_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIEUHANH_POSTGRESQL", str(tmp_path))
    with pytest.raises(SetupError, match=f"DIEUHANH_POSTGRESQL '{tmp_path}'"):
        packages.ensure(Steps(tmp_path / "log"), [packages.POSTGIS])
