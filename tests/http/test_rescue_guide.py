"""The examples of docs/rescue.md, run as they are printed, and its tables."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

from PIL import Image

from layers.rescue.requests import CATEGORY
from tests.http.desk import MAY_BECOME, Desk, desk
from tests.http.test_sos_teams import NEEDS

__all__ = ["desk"]

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "rescue.md").read_text()
EXAMPLES = re.findall(r"^```sh\n# (\d{3})\n(.*?)^```$", GUIDE, re.M | re.S)


def test_each_example_gets_the_answer_that_is_printed_above_it(desk: Desk, tmp_path: Path) -> None:
    assert len(EXAMPLES) == 27
    picture = io.BytesIO()
    Image.new("RGB", (60, 40)).save(picture, "JPEG")
    (tmp_path / "photo.jpg").write_bytes(picture.getvalue())
    script = ["set -eu"]
    for _, example in EXAMPLES:
        script += [example, "printf '\\n=====\\n'"]
    people = desk.people
    env = {
        "PATH": "/usr/bin:/bin",
        "SITE": desk.address,
        "COORDINATOR": people["coordinator"].key,
        "OPERATOR": people["operator"].key,
        "RESCUER": people["rescuer"].key,
        "RESCUER_LOGIN": people["rescuer"].login,
        "TEAM": str(desk.new_team()),
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split("\n=====\n")[:-1]
    found = [answer.split(" ", 2)[1][:3] for answer in answers]
    assert found == [status for status, _ in EXAMPLES], done.stdout
    with Image.open(tmp_path / "kept.jpg") as kept:
        assert kept.size == (60, 40)


def section(title: str) -> dict[str, str]:
    """The rows of two cells below a title."""
    start = GUIDE.index(f"\n## {title}\n")
    text = GUIDE[start : GUIDE.index("\n## ", start + 1)]
    return dict(re.findall(r"^\| (`.*?) \| ?(.*?) ?\|$", text, re.M))


def test_the_states_are_those_of_the_machine() -> None:
    printed = {
        was: set(re.findall(r"`(\w+)`", becomes))
        for names, becomes in section("States").items()
        for was in re.findall(r"`(\w+)`", names)
    }
    assert printed == MAY_BECOME
    diagram = re.findall(r"^    (\w+) --> (\w+)$", GUIDE, re.M)
    sideways = {"cancelled", "duplicate", "false"}
    drawn = {(was, to) for was, becomes in MAY_BECOME.items() for to in becomes - sideways}
    assert set(diagram) == drawn


def test_what_requests_need_of_teams_is_what_is_tested() -> None:
    printed = section("Teams")
    assert {name.strip("`") for name in printed} == set(CATEGORY.values)
    for name, needed in printed.items():
        abilities = set(needed.split(" or ")) if needed != "any" else NEEDS["other"]
        assert abilities == NEEDS[name.strip("`")]
