"""A session of headless QGIS: a script that the system's Python runs with PyQGIS."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"


def session(script: str, folder: Path, *arguments: str) -> dict[str, Any]:
    """What a script of this folder prints as its result.

    Args:
        folder: QGIS's profile and home, so that nothing is read from an earlier run's cache.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [SYSTEM_PYTHON, str(Path(__file__).parent / script), *arguments],
        env={
            **kept,
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(folder),
            "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile"),
            "HOME": str(folder),
            "GDAL_DEFAULT_WMS_CACHE_PATH": str(folder / "gdal"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(lines[0].removeprefix("RESULT "))
    return found
