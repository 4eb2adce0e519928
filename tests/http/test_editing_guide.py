"""The examples of docs/editing.md, run as they are printed, one after another."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.http.editing import Site, site

__all__ = ["site"]

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "editing.md"
EXAMPLES = re.findall(r"^```sh\n# (\d{3})\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)


def test_each_example_gets_the_answer_that_is_printed_above_it(site: Site, tmp_path: Path) -> None:
    assert len(EXAMPLES) == 9
    script = ["set -eu"]
    for _, example in EXAMPLES:
        script += [example, "printf '\\n=====\\n'"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "SITE": site.address, "KEY": site.officer.key},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split("\n=====\n")[:-1]
    found = [answer.split(" ", 2)[1][:3] for answer in answers]
    assert found == [status for status, _ in EXAMPLES], done.stdout
