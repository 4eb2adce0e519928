"""The examples of docs/alerts.md, run as they are printed, one after another."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import typer.testing

from api.cli import app
from tests.conftest import RunServer
from tests.people import person

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text()
EXAMPLES = re.findall(r"^```sh\n# (\d{3})\n(.*?)^```$", GUIDE, re.M | re.S)
COMMANDS = re.findall(r"^    dieuhanh (.*)$", GUIDE, re.M)


def test_each_example_gets_the_answer_that_is_printed_above_it(
    fresh_database_url: str, run_server: RunServer, tmp_path: Path
) -> None:
    assert len(EXAMPLES) == 6
    who = person(fresh_database_url, "coordinator", departments=("rescue_coordination",))
    script = ["set -eu"]
    for _, example in EXAMPLES:
        script += [example, "printf '\\n=====\\n'"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "SITE": run_server(fresh_database_url), "KEY": who.key},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split("\n=====\n")[:-1]
    found = [answer.split(" ", 2)[1][:3] for answer in answers]
    assert found == [status for status, _ in EXAMPLES], done.stdout
    # What was created and cancelled is told as such.
    assert "<cap:msgType>Cancel</cap:msgType>" in answers[2]
    assert "<cap:language>en</cap:language>" in answers[2]


@pytest.mark.parametrize("line", COMMANDS)
def test_each_option_that_is_printed_exists(line: str) -> None:
    words = line.split()
    said = typer.testing.CliRunner().invoke(app, [*words[:2], "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in said.output
