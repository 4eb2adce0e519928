"""Steps of set-up that are done side by side."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from scripts.steps import SetupError, Steps


def test_steps_side_by_side_are_both_done(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "set-up.log")
    made = tmp_path / "made"
    program = [sys.executable, "-c", f"open({str(made)!r}, 'w').close()"]
    with steps.beside(lambda other: other.run(program)):
        steps.run([sys.executable, "-c", "pass"])
    assert made.exists()


def test_a_step_beside_that_fails_is_said(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "set-up.log")
    program = [sys.executable, "-c", "raise SystemExit('no space')"]
    with (
        pytest.raises(SetupError, match="no space"),
        steps.beside(lambda other: other.run(program)),
    ):
        pass


def test_a_step_beside_ends_when_the_other_one_fails(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "set-up.log")
    began = time.monotonic()
    with (
        pytest.raises(SetupError, match="no-such-program"),
        steps.beside(
            lambda other: other.run([sys.executable, "-c", "import time; time.sleep(60)"])
        ),
    ):
        steps.run(["no-such-program"])
    assert time.monotonic() - began < 30
